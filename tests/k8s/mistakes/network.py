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


def out_of_alerting(plant, peer: dict, **port) -> None:
    plant.policy("alerting")["egress"].append({"to": [peer], "ports": [{"protocol": "TCP"} | port]})


ANYWHERE = {"ipBlock": {"cidr": "0.0.0.0/0"}}


@mistake("network")
def egress_on_a_port_that_nobody_has(plant):
    out_of_alerting(plant, ANYWHERE, port=8443)


@mistake("network")
def egress_by_another_protocol(plant):
    out_of_alerting(plant, ANYWHERE, port=443, protocol="SCTP")


@mistake("network")
def egress_to_every_namespace(plant):
    out_of_alerting(plant, {"namespaceSelector": {}}, port=80)


@mistake("network")
def egress_to_a_range_of_ports(plant):
    plant.policy("postgres-to-api-server")["egress"][0]["ports"] = [{"protocol": "TCP", "port": 6443, "endPort": 7000}]


@mistake("network")
def ingress_from_a_network(plant):
    plant.policy("registry")["ingress"].append({"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "TCP", "port": 8200}]})


def policy_of_the_installation(plant, **changes) -> None:
    spec = {
        "podSelector": {"matchLabels": {"app.kubernetes.io/component": "alerting"}},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"ipBlock": {"cidr": "198.51.100.7/32"}}], "ports": [{"protocol": "TCP", "port": 443}]}],
    }
    made = plant.find("NetworkPolicy", "alerting")
    annotations = {"orewatch.io/reason": "the receiver of webhooks"}
    plant.documents.append(made | {"metadata": made["metadata"] | {"name": "webhooks", "annotations": annotations}, "spec": spec | changes})


@mistake("network")
def reason_for_the_internet(plant):
    policy_of_the_installation(plant, egress=[{"to": [ANYWHERE], "ports": [{"protocol": "TCP", "port": 443}]}])


@mistake("network")
def reason_for_credentials_of_a_cloud(plant):
    policy_of_the_installation(plant, egress=[{"to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 80}]}])


@mistake("network")
def reason_for_a_way_in(plant):
    policy_of_the_installation(plant, policyTypes=["Ingress"], ingress=[{"ports": [{"protocol": "TCP", "port": 7103}]}])


@mistake("network")
def reason_for_everybody(plant):
    policy_of_the_installation(plant, podSelector={})


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
