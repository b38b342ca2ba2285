"""Mistakes by which somebody reaches what he must not, or cannot reach what he must, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("network")
def open_egress(plant):
    plant.policy("alerting")["egress"].append({})


@mistake("network")
def egress_to_the_internet(plant):
    plant.policy("alerting")["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"protocol": "TCP", "port": 443}]})


@mistake("network")
def ingress_from_every_namespace(plant):
    plant.policy("registry")["ingress"][0]["from"].append({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/component": "gateway"}}})


@mistake("network")
def wrong_label_of_a_peer(plant):
    plant.policy("risk")["ingress"][0]["from"][1]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] = "gate-way"


@mistake("network")
def admin_port_for_the_neighbours(plant):
    plant.policy("registry")["ingress"][0]["ports"].append({"protocol": "TCP", "port": 9101})


@mistake("network")
def no_default(plant):
    plant.remove("NetworkPolicy", "default-deny")


@mistake("network")
def default_of_one_way(plant):
    plant.policy("default-deny")["policyTypes"] = ["Ingress"]


@mistake("network")
def no_names(plant):
    plant.remove("NetworkPolicy", "dns")


@mistake("network")
def second_cluster_without_its_archive(plant):
    plant.policy("postgres-to-object-store")["podSelector"] = {"matchLabels": {"cnpg.io/cluster": "orewatch-postgres"}}


@mistake("network")
def second_cluster_out_of_its_operators_reach(plant):
    plant.remove("NetworkPolicy", "postgres-restored")


@mistake("network")
def second_cluster_that_services_reach(plant):
    for direction, who in (("ingress", "from"), ("egress", "to")):
        for rule in plant.policy("postgres" if direction == "ingress" else "risk")[direction]:
            for peer in rule[who]:
                if peer.get("podSelector", {}).get("matchLabels") == {"cnpg.io/cluster": "orewatch-postgres"}:
                    peer["podSelector"] = {"matchExpressions": [{"key": "cnpg.io/cluster", "operator": "Exists"}]}
    plant.policy("postgres-restored")["ingress"].append({"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 5432}]})
