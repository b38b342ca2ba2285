"""What looks like a mistake, and is an installation's own to say (docs/operations/kubernetes.md): planted, and nobody finds anything."""

OWN = {}


def own(make):
    OWN[make.__name__.replace("_", "-")] = make
    return make


@own
def authority_of_the_company(plant):
    for one in plant.documents:
        if one["kind"] == "Certificate" and not one["spec"].get("isCA"):
            one["spec"]["issuerRef"] = {"name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"}


def _policy(plant, name: str, component: str, to: list, ports: list) -> None:
    selector = {"matchLabels": {"app.kubernetes.io/component": component, "app.kubernetes.io/part-of": "orewatch"}}
    made = plant.find("NetworkPolicy", "alerting")
    metadata = made["metadata"] | {"name": name, "annotations": {"orewatch.io/reason": "the receiver of webhooks"}}
    spec = {"podSelector": selector, "policyTypes": ["Egress"], "egress": [{"to": to, "ports": ports}]}
    plant.documents.append(made | {"metadata": metadata, "spec": spec})


@own
def receiver_of_webhooks(plant):
    _policy(plant, "webhooks", "alerting", [{"ipBlock": {"cidr": "198.51.100.7/32"}}], [{"protocol": "TCP", "port": 443}])
    secret = {"secretName": "orewatch-webhooks", "defaultMode": 0o440, "items": [{"key": "webhooks.textproto", "path": "webhooks.textproto"}]}
    plant.pod("orewatch-alerting")["volumes"].append({"name": "webhooks", "secret": secret})
    plant.container("orewatch-alerting")["volumeMounts"].append({"name": "webhooks", "mountPath": "/etc/orewatch/webhooks", "readOnly": True})
    plant.settings("alerting")["OREWATCH_WEBHOOKS"] = "/etc/orewatch/webhooks/webhooks.textproto"


@own
def key_set_of_the_cluster(plant):
    issuer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "login"}}, "podSelector": {"matchLabels": {"app": "login"}}}
    _policy(plant, "keys", "gateway", [issuer], [{"protocol": "TCP", "port": 8443}])


@own
def names_from_the_node(plant):
    policy = plant.find("NetworkPolicy", "dns")
    policy["metadata"]["annotations"] = {"orewatch.io/reason": "NodeLocal DNSCache"}
    policy["spec"]["egress"][0]["to"] = [{"ipBlock": {"cidr": "169.254.20.10/32"}}]


@own
def object_store_of_many_addresses(plant):
    policy = plant.find("NetworkPolicy", "postgres-to-object-store")
    policy["metadata"]["annotations"] = {"orewatch.io/reason": "its provider names this network"}
    policy["spec"]["egress"][0] = {"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"protocol": "TCP", "port": 9000}]}


@own
def three_api_servers(plant):
    policy = plant.policy("postgres-to-api-server")
    policy["egress"][0]["to"] = [{"ipBlock": {"cidr": f"10.0.0.{number}/32"}} for number in (1, 2, 3)]


@own
def cluster_that_is_restored(plant):
    spec = plant.find("Cluster", "orewatch-postgres")["spec"]
    first = {"database": "registry", "owner": "registry", "secret": {"name": "orewatch-postgres-registry"}}
    spec["bootstrap"] = {"recovery": first | {"source": "before", "recoveryTarget": {"targetTime": "2026-11-25 14:30:00+00"}}}
    before = {"name": spec["plugins"][0]["name"], "parameters": dict(spec["plugins"][0]["parameters"])}
    spec["externalClusters"] = [{"name": "before", "plugin": before}]
    spec["plugins"][0]["parameters"]["serverName"] = "orewatch-postgres-2"


@own
def labels_and_remarks(plant):
    for one in plant.documents:
        one["metadata"]["labels"]["team"] = "raw-materials"
        one["metadata"].setdefault("annotations", {})["argocd.argoproj.io/sync-wave"] = "2"
    plant.find("Service", "orewatch-edge")["metadata"]["annotations"]["service.beta.kubernetes.io/aws-load-balancer-internal"] = "true"


@own
def more_of_everything(plant):
    plant.settings("risk").update(OREWATCH_MAX_STREAMS="5000", OREWATCH_LOG_LEVEL="warning", OREWATCH_BLOCKING_THREADS="16")
    plant.container("orewatch-risk")["resources"] = {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"memory": "16Gi"}}
    spec = plant.find("Cluster", "orewatch-postgres")["spec"]
    spec["resources"] = {"requests": {"cpu": "8", "memory": "32Gi"}, "limits": {"memory": "32Gi"}}
    spec["postgresql"]["parameters"].update(max_connections="400", shared_buffers="8GB", work_mem="16MB")
    spec["storage"] = {"size": "500Gi", "storageClass": "fast"}


@own
def machine_with_a_key(plant):
    key = 'keys { id: "exporter" secret_sha256: "%s" grant { principal: "exporter" role: ROLE_VIEWER } expire_time: "2027-01-31T00:00:00Z" }\n' % ("a" * 64)
    shut_out = 'subjects { grant { principal: "mallory" } denied: true }\n'
    plant.find("ConfigMap", "orewatch-access")["data"]["access.textproto"] += key + shut_out
