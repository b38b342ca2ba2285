"""Checks of what refers to what: selectors, ports, names, certificates, replicas, connections."""

import pathlib
import re

from support.checks import check
from support.manifests import ADMIN_PORTS, EDGE_DRAIN_PORT, EDGE_METRICS_PORT, EDGE_PORT, GRPC_PORTS, HOOK_PORT, SERVICES, Manifests, Workload, matches, seconds

PREFIX = "app.kubernetes.io/"
# Made by the installation, before anything is applied (docs/operations/kubernetes.md).
BY_INSTALLATION = {
    "Secret": {"orewatch-alertmanager-hook", "orewatch-postgres-registry", "orewatch-postgres-risk", "orewatch-postgres-alerting", "orewatch-object-store"},
    "ConfigMap": {"orewatch-jwt-keys"},
}
# Made by CloudNativePG beside a Cluster orewatch-postgres, and what Kubernetes puts into each namespace.
BY_OPERATOR = {"Secret": {"orewatch-postgres-ca"}, "ConfigMap": {"kube-root-ca.crt"}, "Service": {"orewatch-postgres-rw"}}
# Pods that no manifest of ours makes: of CloudNativePG.
# The second one, while one database is restored from it.
OPERATORS_PODS = ({"cnpg.io/cluster": "orewatch-postgres"}, {"cnpg.io/cluster": "orewatch-postgres-restored"})
# Connections that a process opens beside --database_connections (docs/operations.md), and what PostgreSQL and its operator keep for themselves.
FURTHER_CONNECTIONS = {"registry": 2, "risk": 1, "alerting": 3}
DEFAULT_CONNECTIONS = {"registry": 8, "risk": 4, "alerting": 4}
KEPT_BY_POSTGRES = 20


@check("labels")
def labels(manifests: Manifests):
    for document in manifests.documents:
        if document["metadata"].get("labels", {}).get(PREFIX + "part-of") != "orewatch":
            yield f"{document['kind']}/{document['metadata']['name']}: not part of orewatch"
    for workload in manifests.workloads:
        for key in ("name", "component", "part-of", "managed-by", "version"):
            if not workload.labels.get(PREFIX + key):
                yield f"{workload}: its pods have no label {PREFIX}{key}"
        if workload.kind == "Deployment" and workload.labels.get(PREFIX + "name") != workload.name:
            yield f"{workload}: its pods are called {workload.labels.get(PREFIX + 'name')}, which is what their scrape job will be called"


@check("one-namespace")
def one_namespace(manifests: Manifests):
    for document in manifests.documents:
        if document["kind"] != "Namespace" and document["metadata"].get("namespace") != "orewatch":
            yield f"{document['kind']}/{document['metadata']['name']}: in namespace {document['metadata'].get('namespace')}, away from its policies"


def _pods(manifests: Manifests) -> list:
    return [workload.labels for workload in manifests.workloads]


@check("selectors-select", overlays=("dev", "prod"))
def selectors(manifests: Manifests):
    for workload in manifests.deployments:
        if not matches(workload.spec["selector"], workload.labels):
            yield f"{workload}: does not select its own pods"
        others = [other for other in manifests.deployments if other.name != workload.name and matches(workload.spec["selector"], other.labels)]
        for other in others:
            yield f"{workload}: selects the pods of {other}"
        if PREFIX + "version" in workload.spec["selector"].get("matchLabels", {}):
            yield f"{workload}: its selector, which cannot be changed, has the version"
    for service in manifests.of("Service"):
        if not any(matches({"matchLabels": service["spec"].get("selector")}, pod) for pod in _pods(manifests)):
            yield f"Service/{service['metadata']['name']}: selects no pod"
    for monitor in manifests.of("PodMonitor"):
        if not any(matches(monitor["spec"]["selector"], pod) for pod in [*_pods(manifests), *OPERATORS_PODS]):
            yield f"PodMonitor/{monitor['metadata']['name']}: selects no pod"


@check("network-policies-select", overlays=("prod",))
def policy_selectors(manifests: Manifests):
    # The Jobs before a rollout are rendered apart.
    known = [*_pods(manifests), *OPERATORS_PODS, {PREFIX + "component": "migration", PREFIX + "part-of": "orewatch"}]
    for policy in manifests.of("NetworkPolicy"):
        where = f"NetworkPolicy/{policy['metadata']['name']}"
        selected = [policy["spec"]["podSelector"]]
        for rule in policy["spec"].get("ingress", []) + policy["spec"].get("egress", []):
            peers = rule.get("from", []) + rule.get("to", [])
            selected += [peer["podSelector"] for peer in peers if "podSelector" in peer and "namespaceSelector" not in peer]
        for selector in selected:
            if not any(matches(selector, pod) for pod in known):
                yield f"{where}: {selector} selects no pod"


@check("disruption-budgets", overlays=("dev", "prod"))
def budgets(manifests: Manifests):
    for workload in manifests.deployments:
        mine = [budget for budget in manifests.of("PodDisruptionBudget") if matches(budget["spec"].get("selector"), workload.labels)]
        if len(mine) != 1:
            yield f"{workload}: {len(mine)} PodDisruptionBudgets"
        for budget in mine:
            if budget["spec"].get("maxUnavailable") != 1 or "minAvailable" in budget["spec"]:
                yield f"{workload}: its PodDisruptionBudget must let one pod go at a time"
            if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
                yield f"{workload}: a pod that is not ready keeps its node from being emptied"
    for budget in manifests.of("PodDisruptionBudget"):
        selected = [workload for workload in manifests.deployments if matches(budget["spec"].get("selector"), workload.labels)]
        if len(selected) != 1:
            yield f"PodDisruptionBudget/{budget['metadata']['name']}: selects {len(selected)} workloads"


@check("spread", overlays=("dev", "prod"))
def spread(manifests: Manifests):
    for workload in manifests.deployments:
        constraints = workload.pod.get("topologySpreadConstraints", [])
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone"):
            mine = [one for one in constraints if one["topologyKey"] == key]
            if not mine or mine[0].get("maxSkew") != 1 or mine[0].get("labelSelector") != workload.spec["selector"] or mine[0].get("matchLabelKeys") != ["pod-template-hash"]:
                yield f"{workload}: the pods of a revision are not spread over {key}"


@check("ports", overlays=("dev", "prod"))
def ports(manifests: Manifests):
    for workload in manifests.deployments:
        wanted = {"https": EDGE_PORT, "drain": EDGE_DRAIN_PORT, "metrics": EDGE_METRICS_PORT}
        if workload.component in SERVICES:
            wanted = {"grpc": GRPC_PORTS[workload.component], "admin": ADMIN_PORTS[workload.component]}
            flags = manifests.flags(workload)
            if flags.get("address") != f"0.0.0.0:{wanted['grpc']}":
                yield f"{workload}: listens on {flags.get('address')}, not on port {wanted['grpc']}"
            if "alertmanager_hook_address" in flags:
                wanted["hook"] = HOOK_PORT
                if flags["alertmanager_hook_address"] != f"0.0.0.0:{HOOK_PORT}":
                    yield f"{workload}: is called back on {flags['alertmanager_hook_address']}, not on port {HOOK_PORT}"
        if workload.ports != wanted:
            yield f"{workload}: has ports {workload.ports}, not {wanted}"


@check("ports-of-services", overlays=("dev", "prod"))
def service_ports(manifests: Manifests):
    for service in manifests.of("Service"):
        where, spec = f"Service/{service['metadata']['name']}", service["spec"]
        if not spec.get("ports"):
            yield f"{where}: has no port"
        if spec.get("publishNotReadyAddresses"):
            yield f"{where}: leads to pods that are not ready"
        door = service["metadata"]["name"] == "orewatch-edge"
        if spec.get("type", "ClusterIP") not in (("LoadBalancer", "ClusterIP") if door else ("ClusterIP",)) or any("nodePort" in port for port in spec.get("ports", [])):
            yield f"{where}: is a door beside the edge"
        if door and spec.get("externalTrafficPolicy") != "Local":
            yield f"{where}: callers' addresses are lost, and with them the limit of each"
        for pod in [one for one in manifests.workloads if matches({"matchLabels": service["spec"].get("selector")}, one.labels)]:
            for port in service["spec"].get("ports", []):
                if port.get("targetPort") not in pod.ports or port.get("name") != port.get("targetPort"):
                    yield f"{where}: port {port.get('name')} leads to {port.get('targetPort')}, which is no port of that name of {pod}"
                elif service["spec"].get("clusterIP") == "None" and port["port"] != pod.ports[port["targetPort"]]:
                    yield f"{where}: is headless, so that its port {port['port']} is not translated to {pod.ports[port['targetPort']]}"
                if not port.get("appProtocol"):
                    yield f"{where}: does not say what is spoken on port {port['port']}"
    for monitor in manifests.of("PodMonitor"):
        for pod in [one for one in manifests.workloads if matches(monitor["spec"]["selector"], one.labels)]:
            for endpoint in monitor["spec"].get("podMetricsEndpoints", []):
                if endpoint.get("port") not in pod.ports:
                    yield f"PodMonitor/{monitor['metadata']['name']}: {pod} has no port {endpoint.get('port')}"


@check("everything-is-scraped", overlays=("prod",))
def scraped(manifests: Manifests):
    """Once, and as the job that the rules know."""
    monitors = [one["spec"] for one in manifests.of("PodMonitor")]
    for workload in manifests.deployments:
        jobs = [workload.labels.get(one.get("jobLabel"), "") for one in monitors if matches(one["selector"], workload.labels)]
        if jobs != [f"orewatch-{workload.component}"]:
            yield f"{workload}: is scraped as {jobs}, not as the job orewatch-{workload.component}"


@check("calls-are-shared-by-all-replicas", overlays=("dev", "prod"))
def targets(manifests: Manifests):
    for workload in manifests.services:
        for name, target in manifests.flags(workload).items():
            neighbour = name.removesuffix("_address")
            if neighbour not in SERVICES or not name.endswith("_address"):
                continue
            if target != f"dns:///orewatch-{neighbour}:{GRPC_PORTS[neighbour]}":
                yield f"{workload}: calls {neighbour} at {target}"
            service = manifests.find("Service", f"orewatch-{neighbour}")
            if service is None or service["spec"].get("clusterIP") != "None":
                yield f"{workload}: the name of {neighbour} does not stand for its pods: the Service must be headless"


def referred(workload: Workload):
    """What a pod needs to start: (kind, name)."""
    yield "ServiceAccount", workload.pod.get("serviceAccountName", "default")
    for volume in workload.pod.get("volumes", []):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"].get("name", "")
        if "secret" in volume:
            yield "Secret", volume["secret"].get("secretName", "")
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"].get("claimName", "")
    for container in workload.containers:
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                yield "ConfigMap", source["configMapRef"].get("name", "")


@check("references")
def references(manifests: Manifests):
    by_certificate = {certificate["spec"]["secretName"] for certificate in manifests.of("Certificate")}
    for workload in manifests.workloads:
        for kind, name in referred(workload):
            made = manifests.names(kind) | BY_INSTALLATION.get(kind, set()) | BY_OPERATOR.get(kind, set())
            if name not in made | (by_certificate if kind == "Secret" else set()):
                yield f"{workload}: nobody makes {kind} {name}"
    for cluster in manifests.of("Cluster"):
        secrets = [manifests.first_database(cluster).get("secret", {}).get("name")]
        secrets += [role.get("passwordSecret", {}).get("name") for role in cluster["spec"].get("managed", {}).get("roles", [])]
        for name in secrets:
            if name not in BY_INSTALLATION["Secret"]:
                yield f"Cluster/{cluster['metadata']['name']}: nobody makes Secret {name}"
    for database in manifests.of("Database"):
        if database["spec"]["cluster"]["name"] not in manifests.names("Cluster"):
            yield f"Database/{database['metadata']['name']}: there is no Cluster {database['spec']['cluster']['name']}"
    issuers = manifests.names("Issuer")
    for certificate in manifests.of("Certificate"):
        if certificate["spec"]["issuerRef"]["name"] not in issuers:
            yield f"Certificate/{certificate['metadata']['name']}: there is no Issuer {certificate['spec']['issuerRef']['name']}"
    for issuer in manifests.of("Issuer"):
        if (secret := issuer["spec"].get("ca", {}).get("secretName")) and secret not in by_certificate:
            yield f"Issuer/{issuer['metadata']['name']}: nobody makes Secret {secret}"


def _in_volume(manifests: Manifests, workload: Workload, mount: dict, path: pathlib.PurePosixPath) -> str:
    """What is wrong with a file of a mounted volume; empty: nothing."""
    volume = next((one for one in workload.pod.get("volumes", []) if one["name"] == mount["name"]), {})
    source = volume.get("configMap") or volume.get("secret")
    if source is None:
        return ""
    name = str(path.relative_to(mount["mountPath"]))
    if "items" in source:
        return "" if name in {item["path"] for item in source["items"]} else "the volume leaves it out"
    if "secret" in volume:
        keys = {"tls.crt", "tls.key", "ca.crt"}
    else:
        config = manifests.find("ConfigMap", source.get("name", ""))
        keys = set(config["data"]) if config else {"keys.json"}
    return "" if name in keys else f"there is no {name} among {', '.join(sorted(keys))}"


@check("files-are-mounted")
def files(manifests: Manifests):
    for workload in manifests.workloads:
        if "service=" in manifests.flags(workload).get("database", "") and "PGSERVICEFILE" not in manifests.environment(workload):
            yield f"{workload}: nothing says where the service file is in which its password stands"
        for volume in workload.pod.get("volumes", []):
            # Whoever makes them may put keys beside what is wanted.
            if "secret" in volume and volume["name"] != "tls" and not volume["secret"].get("items"):
                yield f"{workload}: all of the secret {volume['secret'].get('secretName')} is mounted, not what is wanted of it"
        texts = [*workload.container.get("args", []), *manifests.environment(workload).values()]
        for path in sorted({found for text in texts for found in re.findall(r"(?:^|[= ])(/[A-Za-z0-9_./-]+)", text)}):
            file = pathlib.PurePosixPath(path)
            mounts = [mount for mount in workload.container.get("volumeMounts", []) if file.is_relative_to(mount["mountPath"])]
            if not mounts:
                yield f"{workload}: nothing is mounted where {path} would be"
            elif file != pathlib.PurePosixPath(mounts[0]["mountPath"]) and (wrong := _in_volume(manifests, workload, mounts[0], file)):
                yield f"{workload}: {path}: {wrong}"


@check("replicas", overlays=("prod",))
def replicas(manifests: Manifests):
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in manifests.of("HorizontalPodAutoscaler")}
    for workload in manifests.deployments:
        if workload.name not in scaled and workload.spec.get("replicas", 1) < 2:
            yield f"{workload}: {workload.spec.get('replicas', 1)} replica: a node that goes takes it along"


@check("autoscalers", overlays=("prod",))
def autoscalers(manifests: Manifests):
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        where, spec = f"HorizontalPodAutoscaler/{scaler['metadata']['name']}", scaler["spec"]
        target = manifests.find(spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
        if target is None:
            yield f"{where}: there is no {spec['scaleTargetRef']['kind']} {spec['scaleTargetRef']['name']}"
        elif "replicas" in target["spec"]:
            yield f"{where}: each apply would set its target back to {target['spec']['replicas']} replicas"
        if spec.get("minReplicas", 1) < 2:
            yield f"{where}: may go down to {spec.get('minReplicas', 1)}"
        if spec["maxReplicas"] <= spec.get("minReplicas", 1):
            yield f"{where}: has no room to scale"
        wanted = {"orewatch_grpc_in_flight", "orewatch_grpc_queue_seconds_p90", "orewatch_grpc_streams"}
        averages = [metric["pods"] for metric in spec.get("metrics", []) if "averageValue" in metric.get("pods", {}).get("target", {})]
        found = {average["metric"]["name"] for average in averages}
        if found != wanted:
            yield f"{where}: scales on {sorted(map(str, found))}, not on {sorted(wanted)}"
        if spec.get("behavior", {}).get("scaleDown", {}).get("stabilizationWindowSeconds", 300) < 1800:
            yield f"{where}: takes a replica away before connections have come to it"


@check("connections-fit", overlays=("prod",))
def connections(manifests: Manifests):
    most = {scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]["maxReplicas"] for scaler in manifests.of("HorizontalPodAutoscaler")}
    for cluster in manifests.of("Cluster"):
        needed = KEPT_BY_POSTGRES + len(FURTHER_CONNECTIONS)
        for workload in manifests.services:
            if workload.component in FURTHER_CONNECTIONS:
                pods = most.get(workload.name, workload.spec.get("replicas", 1)) + workload.surge
                each = int(manifests.flags(workload).get("database_connections", DEFAULT_CONNECTIONS[workload.component]))
                needed += pods * (each + FURTHER_CONNECTIONS[workload.component])
        allowed = int(cluster["spec"].get("postgresql", {}).get("parameters", {}).get("max_connections", 100))
        if needed > allowed:
            yield f"Cluster/{cluster['metadata']['name']}: {needed} connections at most replicas, and {allowed} are allowed"


@check("protected", overlays=("prod",))
def protected(manifests: Manifests):
    wanted = {"allow_unprotected": "false", "tls_client_auth": "required"}
    given = ("tls_certificate", "tls_key", "tls_client_ca", "access_file", "jwt_keys", "jwt_issuer", "jwt_audience")
    calls = ("upstream_ca", "upstream_certificate", "upstream_key")
    for workload in manifests.services:
        flags = manifests.flags(workload)
        for name, value in wanted.items():
            if flags.get(name) != value:
                yield f"{workload}: --{name} is {flags.get(name)}, not {value}"
        for name in given + (calls if workload.component != "registry" else ()):
            if not flags.get(name):
                yield f"{workload}: no --{name}"
        if seconds(flags.get("max_connection_age", "30m")) > 3600:
            yield f"{workload}: new pods get no share of calls for {flags['max_connection_age']}"


@check("certificates", overlays=("prod",))
def certificates(manifests: Manifests):
    for workload in manifests.deployments:
        secrets = {volume["secret"].get("secretName") for volume in workload.pod.get("volumes", []) if "secret" in volume}
        mine = [one for one in manifests.of("Certificate") if one["spec"]["secretName"] in secrets]
        if len(mine) != 1:
            yield f"{workload}: {len(mine)} certificates"
            continue
        spec, where = mine[0]["spec"], f"Certificate/{mine[0]['metadata']['name']}"
        if workload.name not in spec.get("dnsNames", []):
            yield f"{where}: does not name {workload.name}, as callers do"
        if spec.get("uris") != [f"spiffe://orewatch/{workload.component}"]:
            yield f"{where}: is not known to access.textproto as {workload.component}"
        if set(spec.get("usages", [])) != {"digital signature", "server auth", "client auth"}:
            yield f"{where}: must serve, and be shown"
        if spec.get("privateKey", {}).get("rotationPolicy") != "Always" or spec["privateKey"].get("algorithm") != "ECDSA":
            yield f"{where}: a renewed certificate must have a new key, of an elliptic curve"
        # An alert a week before the end must mean that renewing has failed for long.
        if seconds(spec.get("renewBefore", "0h")) < 14 * 86400 or seconds(spec.get("duration", "0h")) < 2 * seconds(spec.get("renewBefore", "0h")):
            yield f"{where}: must be renewed two weeks before its end, and not before half of its life"


@check("jobs-of-this-version", overlays=("prod/migrate",))
def jobs(manifests: Manifests):
    found = set()
    for job in manifests.of("Job"):
        (workload,) = [one for one in manifests.workloads if one.name == job["metadata"]["name"]]
        version = workload.labels.get(PREFIX + "version", "")
        if not workload.name.endswith("-v" + version.replace(".", "-")):
            yield f"{workload}: its name does not end with its version {version}; a Job cannot be changed"
        flags = manifests.flags(workload)
        if flags.get("migrate") != "true" or not flags.get("database"):
            yield f"{workload}: does not migrate a database"
        if workload.pod.get("restartPolicy") != "Never" or not job["spec"].get("activeDeadlineSeconds") or not job["spec"].get("ttlSecondsAfterFinished"):
            yield f"{workload}: must be tried again as another pod, end some time, and go away some time"
        found.add(re.sub(r"^orewatch-migrate-|-v[0-9-]+$", "", workload.name))
    for name in sorted(set(FURTHER_CONNECTIONS) - found):
        yield f"no Job migrates the database of {name}"
