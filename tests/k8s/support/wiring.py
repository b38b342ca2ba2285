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
# The same, where it wants what they are for.
IF_WANTED = {"Secret": {"orewatch-webhooks"}}
# Made by CloudNativePG beside a Cluster orewatch-postgres, and what Kubernetes puts into each namespace.
BY_OPERATOR = {"Secret": {"orewatch-postgres-ca"}, "ConfigMap": {"kube-root-ca.crt"}, "Service": {"orewatch-postgres-rw"}}
# Pods that no manifest of ours makes: of CloudNativePG.
# The second one, while one database is restored from it.
OPERATORS_PODS = ({"cnpg.io/cluster": "orewatch-postgres"}, {"cnpg.io/cluster": "orewatch-postgres-restored"})
# Connections that a process opens beside --database_connections (docs/operations.md), and what PostgreSQL and its operator keep for themselves.
FURTHER_CONNECTIONS = {"registry": 2, "risk": 1, "alerting": 3}
DEFAULT_CONNECTIONS = {"registry": 8, "risk": 4, "alerting": 4}
KEPT_BY_POSTGRES = 20


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
    for service in manifests.of("Service"):
        if not any(matches({"matchLabels": service["spec"].get("selector")}, pod) for pod in _pods(manifests)):
            yield f"Service/{service['metadata']['name']}: selects no pod"
    for monitor in manifests.of("PodMonitor"):
        if not any(matches(monitor["spec"]["selector"], pod) for pod in [*_pods(manifests), *OPERATORS_PODS]):
            yield f"PodMonitor/{monitor['metadata']['name']}: selects no pod"


@check("nothing-is-missing", overlays=("dev", "prod"))
def missing(manifests: Manifests):
    wanted = {("Namespace", "orewatch")} | {("Service", workload.name) for workload in manifests.deployments}
    wanted |= {("Service", "orewatch-alerting-hook") for one in manifests.services if "alertmanager_hook_address" in manifests.flags(one)}
    for kind, name in sorted(wanted):
        if name not in manifests.names(kind):
            yield f"there is no {kind} {name}"


@check("disruption-budgets", overlays=("dev", "prod"))
def budgets(manifests: Manifests):
    for workload in manifests.deployments:
        mine = [budget for budget in manifests.of("PodDisruptionBudget") if matches(budget["spec"].get("selector"), workload.labels)]
        if len(mine) != 1:
            yield f"{workload}: {len(mine)} PodDisruptionBudgets"
    for budget in manifests.of("PodDisruptionBudget"):
        selected = [workload for workload in manifests.deployments if matches(budget["spec"].get("selector"), workload.labels)]
        if len(selected) != 1:
            yield f"PodDisruptionBudget/{budget['metadata']['name']}: selects {len(selected)} workloads"


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


@check("everything-is-scraped", overlays=("prod",))
def scraped(manifests: Manifests):
    """Once, and as the job that the rules know."""
    monitors = [one["spec"] for one in manifests.of("PodMonitor")]
    for workload in manifests.deployments:
        jobs = [workload.labels.get(one.get("jobLabel"), "") for one in monitors if matches(one["selector"], workload.labels)]
        if jobs != [f"orewatch-{workload.component}"]:
            yield f"{workload}: is scraped as {jobs}, not as the job orewatch-{workload.component}"


CALLS = {"registry": (), "risk": ("registry",), "alerting": ("registry", "risk"), "gateway": ("registry", "risk", "alerting")}


@check("calls-are-shared-by-all-replicas", overlays=("dev", "prod"))
def targets(manifests: Manifests):
    for workload in manifests.services:
        for neighbour in CALLS[workload.component]:
            if f"{neighbour}_address" not in manifests.flags(workload):
                yield f"{workload}: looks for {neighbour} in its own pod"
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


# What the pod of the audit log needs is of prod.
@check("references", overlays=("dev", "prod", "prod/migrate"))
def references(manifests: Manifests):
    by_certificate = {certificate["spec"]["secretName"] for certificate in manifests.of("Certificate")}
    for workload in manifests.workloads:
        for kind, name in referred(workload):
            made = manifests.names(kind).union(*(names.get(kind, set()) for names in (BY_INSTALLATION, IF_WANTED, BY_OPERATOR, {"Secret": by_certificate})))
            if name not in made:
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
    for issuer in manifests.of("Issuer"):
        if issuer["metadata"]["name"] == "orewatch" and issuer["spec"].get("ca", {}).get("secretName") not in by_certificate:
            yield f"Issuer/{issuer['metadata']['name']}: nobody makes its key"


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
        if spec["maxReplicas"] <= spec.get("minReplicas", 1):
            yield f"{where}: has no room to scale"


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


@check("certificates", overlays=("prod",))
def certificates(manifests: Manifests):
    for workload in manifests.deployments:
        secrets = {volume["secret"].get("secretName") for volume in workload.pod.get("volumes", []) if "secret" in volume}
        mine = [one for one in manifests.of("Certificate") if one["spec"]["secretName"] in secrets]
        if len(mine) != 1:
            yield f"{workload}: {len(mine)} certificates"
            continue
        spec, where = mine[0]["spec"], f"Certificate/{mine[0]['metadata']['name']}"
        # Beside those of the cluster the edge has names of its own.
        if workload.name not in spec.get("dnsNames", []):
            yield f"{where}: does not name {workload.name}, as callers do"
        if seconds(spec.get("duration", "0h")) < 2 * seconds(spec.get("renewBefore", "0h")):
            yield f"{where}: is renewed before half of its life"


@check("jobs-of-this-version", overlays=("prod/migrate",))
def jobs(manifests: Manifests):
    found = set()
    for job in manifests.of("Job"):
        (workload,) = [one for one in manifests.workloads if one.name == job["metadata"]["name"]]
        version = workload.labels.get(PREFIX + "version", "")
        if not workload.name.endswith("-v" + version.replace(".", "-")):
            yield f"{workload}: its name does not end with its version {version}; a Job cannot be changed"
        found.add(re.sub(r"^orewatch-migrate-|-v[0-9-]+$", "", workload.name))
    for name in sorted(set(FURTHER_CONNECTIONS) - found):
        yield f"no Job migrates the database of {name}"
