"""Mistakes by which somebody may do more than he should, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("allowed")
def rights_at_the_api_server(plant):
    plant.documents.append(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "orewatch-risk", "namespace": "orewatch", "labels": {"app.kubernetes.io/part-of": "orewatch"}},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "orewatch-risk", "namespace": "orewatch"}],
        }
    )


def grants(plant, old: str, new: str) -> None:
    data = plant.find("ConfigMap", "orewatch-access")["data"]
    assert old in data["access.textproto"]
    data["access.textproto"] = data["access.textproto"].replace(old, new)


@mistake("access")
def gateway_may_do_everything(plant):
    grants(plant, "ROLE_OPERATOR", "ROLE_ADMIN")


@mistake("access")
def risk_speaks_for_others(plant):
    grants(plant, '"orewatch-risk" role: ROLE_ANALYST service: true', '"orewatch-risk" role: ROLE_ANALYST service: true may_speak_for_others: true')


@mistake("access")
def service_that_nobody_knows(plant):
    grants(plant, "spiffe://orewatch/alerting", "spiffe://orewatch/alert")


@mistake("issuers")
def every_certificate_its_own_authority(plant):
    plant.find("Issuer", "orewatch")
    for one in plant.documents:
        if one["kind"] == "Issuer" and one["metadata"]["name"] == "orewatch":
            one["spec"] = {"selfSigned": {}}


@mistake("issuers")
def authority_that_is_none(plant):
    plant.find("Certificate", "orewatch-ca")["spec"]["isCA"] = False


@mistake("tokens-of-one-issuer")
def one_service_takes_other_tokens(plant):
    plant.settings("risk")["OREWATCH_JWT_ISSUER"] = "https://elsewhere.example"


@mistake("tokens-of-one-issuer")
def edge_takes_other_tokens(plant):
    (edge,) = [one["data"] for one in plant.documents if one["kind"] == "ConfigMap" and "envoy.yaml" in one.get("data", {})]
    edge["envoy.yaml"] = edge["envoy.yaml"].replace("https://issuer.example", "https://elsewhere.example")


@mistake("allowed")
def door_beside_the_edge(plant):
    spec = plant.find("Service", "orewatch-gateway")["spec"]
    del spec["clusterIP"]
    spec["type"] = "LoadBalancer"


@mistake("allowed")
def hook_on_every_node(plant):
    plant.find("Service", "orewatch-alerting-hook")["spec"]["type"] = "NodePort"


@mistake("allowed")
def addresses_of_callers_lost(plant):
    plant.find("Service", "orewatch-edge")["spec"]["externalTrafficPolicy"] = "Cluster"


@mistake("network")
def egress_to_a_private_network(plant):
    plant.policy("alerting")["egress"].append({"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "TCP", "port": 443}]})


@mistake("network")
def egress_to_both_halves_of_the_internet(plant):
    halves = [{"ipBlock": {"cidr": "0.0.0.0/1"}}, {"ipBlock": {"cidr": "128.0.0.0/1"}}]
    plant.policy("alerting")["egress"].append({"to": halves, "ports": [{"protocol": "TCP", "port": 443}]})


@mistake("network")
def services_reach_the_copies(plant):
    plant.policy("registry")["egress"].append({"to": [{"ipBlock": {"cidr": "192.0.2.2/32"}}], "ports": [{"protocol": "TCP", "port": 443}]})


@mistake("network")
def pages_of_envoy_for_everybody(plant):
    plant.policy("edge")["ingress"][0]["ports"].append({"protocol": "TCP", "port": 9901})


def _granted(plant, text: str) -> None:
    plant.find("ConfigMap", "orewatch-access")["data"]["access.textproto"] += text


@mistake("access")
def somebody_elses_certificate(plant):
    _granted(plant, '\ncertificates { identity: "dns:evil" grant{ principal: "x" role: ROLE_ADMIN } }\n')


@mistake("access")
def key_that_may_everything(plant):
    _granted(plant, '\nkeys { id: "mine", secret_sha256: "%s"; grant: < principal: "x" role: ROLE_ADMIN > expire_time: "2027-01-01T00:00:00Z" }\n' % ("a" * 64))


@mistake("access")
def file_that_cannot_be_read(plant):
    _granted(plant, "\ncertificates {\n")


@mistake("allowed")
def object_that_nobody_knows(plant):
    plant.documents.append(plant.find("Service", "orewatch-risk") | {"metadata": {"name": "orewatch-postgres-ro", "namespace": "orewatch", "labels": {}}})


@mistake("settings")
def services_described_to_everybody(plant):
    plant.settings("risk")["OREWATCH_REFLECTION"] = "true"


@mistake("settings")
def compressed_secrets(plant):
    plant.settings("risk")["OREWATCH_DATABASE"] += " sslcompression=1"
