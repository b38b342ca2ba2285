"""Checks of single pods: what they may do, what they are given, how they start, live and end."""

import functools
import itertools
import re

import yaml

from support.checks import check
from support.manifests import ADMIN_PORTS, SERVICES, Manifests, mebibytes, seconds

USER = 65532
# From the last of preStop, settling and draining until the pod would be killed: stores are closed in it.
SPARE_S = 5
# A process with nothing in it takes a tenth of the first; docs/operations/capacity.md ends below the second.
LEAST_MEMORY_MIB, MOST_MEMORY_MIB = 256, 65536
# How long a pod may be without an answer until it is left out, restarted, or has failed to start: (at least, at most) seconds.
PATIENCE_S = {"startup": (60, 900), "liveness": (30, 120), "readiness": (5, 30)}
# [registry[:port]/]name[:tag][@digest]
IMAGE = re.compile(r"((?:[^/:@]+(?::\d+)?/)*[^:@/]*)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?")
# What kustomize appends to the name of what it generates.
HASHED = re.compile(r".+-[a-z0-9]{10}")
# Read again where they lie, by all that use them.
READ_AGAIN = {"orewatch-access"}
VOLUMES = {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}
SECRET_NAMES = re.compile(r"password|passwd|secret_key|api_key$|private_key|^.*_token$", re.IGNORECASE)
SECRET_VALUES = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|password=|://[^/@:]+:[^/@]+@|\bow_[a-z0-9-]+_[A-Za-z0-9]|whsec_|eyJ[A-Za-z0-9_-]+\.eyJ")


def _each_container(manifests: Manifests):
    for workload in manifests.workloads:
        for container in workload.containers:
            yield f"{workload}/{container['name']}", container, container.get("securityContext", {}), workload


@check("runs-as-nobody-special")
def user(manifests: Manifests):
    for workload in manifests.workloads:
        context = workload.pod.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or any(context.get(field) != USER for field in ("runAsUser", "runAsGroup", "fsGroup")):
            yield f"{workload}: its pods must run as user and group {USER}, own their volumes by it, and have runAsNonRoot"
    for where, _, context, _ in _each_container(manifests):
        for field in ("runAsUser", "runAsGroup"):
            if context.get(field, USER) != USER:
                yield f"{where}: {field} {context[field]}"
        if context.get("runAsNonRoot", True) is not True:
            yield f"{where}: runAsNonRoot is off"


@check("no-escalation")
def escalation(manifests: Manifests):
    for where, _, context, _ in _each_container(manifests):
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{where}: allowPrivilegeEscalation is not false"


@check("not-privileged")
def privileged(manifests: Manifests):
    for where, container, context, _ in _each_container(manifests):
        if context.get("privileged", False) is not False:
            yield f"{where}: privileged"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield f"{where}: takes a port of the host"
        if context.get("procMount", "Default") != "Default":
            yield f"{where}: sees all of /proc"
    for workload in manifests.workloads:
        for field in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
            if workload.pod.get(field):
                yield f"{workload}: {field}"
        for field in ("sysctls", "supplementalGroups"):
            if workload.pod.get("securityContext", {}).get(field):
                yield f"{workload}: has {field}"


@check("no-capabilities")
def capabilities(manifests: Manifests):
    for where, _, context, _ in _each_container(manifests):
        given = context.get("capabilities", {})
        if given.get("drop") != ["ALL"] or given.get("add"):
            yield f"{where}: must drop ALL capabilities and add none, not {given}"


@check("read-only-root")
def read_only(manifests: Manifests):
    for where, _, context, _ in _each_container(manifests):
        if context.get("readOnlyRootFilesystem") is not True:
            yield f"{where}: can write to the root of its file system"


@check("seccomp")
def seccomp(manifests: Manifests):
    for workload in manifests.workloads:
        if workload.pod.get("securityContext", {}).get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{workload}: seccompProfile is not RuntimeDefault"
    for where, _, context, _ in _each_container(manifests):
        if context.get("seccompProfile", {}).get("type", "RuntimeDefault") != "RuntimeDefault":
            yield f"{where}: seccompProfile is not RuntimeDefault"
    for where, _, context, workload in _each_container(manifests):
        for given in (context, workload.pod.get("securityContext", {})):
            if given.get("appArmorProfile", {}).get("type", "RuntimeDefault") != "RuntimeDefault":
                yield f"{where}: appArmorProfile is not RuntimeDefault"


@check("volumes")
def volumes(manifests: Manifests):
    for workload in manifests.workloads:
        named = set()
        for volume in workload.pod.get("volumes", []):
            named.add(volume["name"])
            kinds = set(volume) - {"name"}
            if len(kinds) != 1 or not kinds <= VOLUMES:
                yield f"{workload}: volume {volume['name']} is a {' and a '.join(sorted(kinds)) or 'folder that fills the disk of the node'}"
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{workload}: volume {volume['name']} may fill the disk of the node"
            if "secret" in volume and volume["secret"].get("defaultMode", 0o644) & 0o337:
                yield f"{workload}: volume {volume['name']} lets others read or anybody write or run a secret"
        mounts = [mount for container in workload.containers for mount in container.get("volumeMounts", [])]
        kept = {volume["name"] for volume in workload.pod.get("volumes", []) if {"emptyDir", "persistentVolumeClaim"} & set(volume)}
        for mount in mounts:
            if mount["name"] not in kept and mount.get("readOnly") is not True:
                yield f"{workload}: {mount['mountPath']} can be written to"
        for name in sorted(named ^ {mount["name"] for mount in mounts}):
            yield f"{workload}: volume {name} is mounted and not there, or there and not mounted"


@check("what-is-renewed-appears")
def whole_folders(manifests: Manifests):
    for where, container, _, _ in _each_container(manifests):
        for mount in container.get("volumeMounts", []):
            if "subPath" in mount or "subPathExpr" in mount:
                yield f"{where}: {mount['mountPath']} is a subPath, in which no renewed file appears"


@check("nothing-is-optional")
def optional(manifests: Manifests):
    for workload in manifests.workloads:
        for volume in workload.pod.get("volumes", []):
            if any(isinstance(source, dict) and source.get("optional") for source in volume.values()):
                yield f"{workload}: starts without the files of volume {volume['name']}"
    for where, container, _, _ in _each_container(manifests):
        for source in container.get("envFrom", []):
            if any(isinstance(one, dict) and one.get("optional") for one in source.values()):
                yield f"{where}: starts without its settings"


@check("settings-have-a-hash")
def hashes(manifests: Manifests):
    by_us = {config["metadata"]["name"] for config in manifests.of("ConfigMap")}
    for workload in manifests.workloads:
        sources = [volume["configMap"].get("name", "") for volume in workload.pod.get("volumes", []) if "configMap" in volume]
        sources += [source["configMapRef"].get("name", "") for container in workload.containers for source in container.get("envFrom", []) if "configMapRef" in source]
        for name in sources:
            if name in by_us - READ_AGAIN and not HASHED.fullmatch(name):
                yield f"{workload}: another value in {name} rolls no pod"


@check("variables-are-known-when-used")
def variables(manifests: Manifests):
    for where, container, _, _ in _each_container(manifests):
        known = set()
        for variable in container.get("env", []):
            if missing := set(re.findall(r"\$\(([^)]+)\)", variable.get("value", ""))) - known:
                yield f"{where}: {variable['name']} uses {', '.join(sorted(missing))}, which comes after it or not at all"
            if "value" not in variable and not any(variable.get("valueFrom", {}).values()):
                yield f"{where}: {variable['name']} has no value"
            known.add(variable["name"])


@check("no-token")
def token(manifests: Manifests):
    for workload in manifests.workloads:
        if workload.pod.get("automountServiceAccountToken") is not False:
            yield f"{workload}: a token of the API server is mounted"
        if workload.pod.get("serviceAccountName", "default") == "default":
            yield f"{workload}: has no ServiceAccount of its own"
    for account in manifests.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount/{account['metadata']['name']}: its token is mounted unless a pod says no"


@check("variables-of-services-are-no-flags")
def links(manifests: Manifests):
    for workload in manifests.workloads:
        if workload.pod.get("enableServiceLinks") is not False:
            yield f"{workload}: enableServiceLinks is on: a Service could set a flag"


@check("resources")
def resources(manifests: Manifests):
    for where, container, _, _ in _each_container(manifests):
        given = container.get("resources", {})
        requests, limits = given.get("requests", {}), given.get("limits", {})
        missing = [f"requests.{key}" for key in ("cpu", "memory") if key not in requests] + ["limits.memory"] * ("memory" not in limits)
        if missing:
            yield f"{where}: no {', '.join(missing)}"
        elif mebibytes(limits["memory"]) < mebibytes(requests["memory"]):
            yield f"{where}: its limit of memory is below its request"
        elif not LEAST_MEMORY_MIB <= mebibytes(limits["memory"]) <= MOST_MEMORY_MIB:
            yield f"{where}: its limit of memory, {limits['memory']}, is not {LEAST_MEMORY_MIB} to {MOST_MEMORY_MIB} MiB"
        if "cpu" in limits:
            yield f"{where}: a limit of CPU makes calls wait instead of refusing them"


def _handler(probe: dict) -> dict:
    return {key: value for key, value in probe.items() if key in ("httpGet", "tcpSocket", "grpc", "exec")}


@check("probes-apart")
def probes(manifests: Manifests):
    for workload in manifests.deployments:
        found = {name: workload.container.get(f"{name}Probe") for name in ("startup", "liveness", "readiness")}
        missing = [name for name, probe in found.items() if not probe or not _handler(probe)]
        if missing:
            yield f"{workload}: no probe of {', '.join(missing)}"
            continue
        if _handler(found["liveness"]) == _handler(found["readiness"]):
            yield f"{workload}: liveness and readiness ask the same: a neighbour's fault would restart it"
        for name, probe in found.items():
            if probe.get("timeoutSeconds", 1) > probe.get("periodSeconds", 10):
                yield f"{workload}: the {name} probe may take longer than its period"
            patience, (least, most) = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3), PATIENCE_S[name]
            if not least <= patience <= most:
                yield f"{workload}: the {name} probe decides after {patience} s, not {least} to {most}"
        if workload.component in SERVICES:
            wanted = {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
            for name, path in wanted.items():
                if found[name].get("httpGet", {}) != {"path": path, "port": "admin"}:
                    yield f"{workload}: the {name} probe is not a GET of {path} of the admin port"
        for name, probe in found.items() if workload.component == "edge" else ():
            asked = probe.get("httpGet", {})
            if asked.get("port") == "https" and (asked.get("path") not in ("/livez", "/readyz") or asked.get("scheme") != "HTTPS"):
                yield f"{workload}: the {name} probe asks for what there is not"


@check("edge-reads-its-configuration", overlays=("prod",))
def edge(manifests: Manifests):
    for workload in manifests.deployments:
        if workload.component == "edge":
            pairs = dict(itertools.pairwise(workload.container.get("args", [])))
            # Hot restart wants memory that is shared, and to write it.
            if pairs.get("-c") != "/etc/orewatch/edge/envoy.yaml" or "--disable-hot-restart" not in pairs or not pairs.get("--concurrency", "").isdigit():
                yield f"{workload}: Envoy starts with {workload.container.get('args')}"


@check("drain-fits")
def drain(manifests: Manifests):
    for edge in [workload for workload in manifests.deployments if workload.component == "edge"]:
        yield from _drain_of_edge(manifests, edge)
    for workload in manifests.services:
        sleep = workload.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if sleep < 5:
            yield f"{workload}: preStop sleeps {sleep} s, and endpoints take longer to forget a pod"
        flags = manifests.flags(workload)
        needs = sleep + seconds(flags.get("drain_settle", "0s")) + seconds(flags.get("drain_timeout", "0s")) + SPARE_S
        if "drain_settle" not in flags or "drain_timeout" not in flags:
            yield f"{workload}: does not say how long it drains"
        elif seconds(flags["drain_timeout"]) < 10:
            yield f"{workload}: cuts off calls after {flags['drain_timeout']}"
        grace = workload.pod.get("terminationGracePeriodSeconds", 30)
        if grace < needs:
            yield f"{workload}: is killed after {grace} s, and needs {needs:.0f} s to end"


# Asked for each mistake that is planted, and mostly the same.
@functools.cache
def _listeners(envoy: str) -> dict:
    return {one["name"]: one for one in yaml.load(envoy, Loader=yaml.CSafeLoader)["static_resources"]["listeners"]}


def _drain_of_edge(manifests: Manifests, workload):
    """Envoy ends at once when it is told to, and its image has nothing to run: it is asked to drain, and answers when it has."""
    hook = workload.container.get("lifecycle", {}).get("preStop", {}).get("httpGet", {})
    config = next(one for one in manifests.of("ConfigMap") if one["metadata"]["name"].startswith("orewatch-edge"))
    listeners = _listeners(config["data"]["envoy.yaml"])
    port = listeners.get("drain", {}).get("address", {}).get("socket_address", {}).get("port_value")
    if hook != {"path": "/drain", "port": "drain"} or workload.ports.get("drain") != port:
        yield f"{workload}: preStop does not ask it to drain"
        return
    filters = listeners["drain"]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    waits = next(one["typed_config"]["delay"]["fixed_delay"] for one in filters if one["name"] == "envoy.filters.http.fault")
    grace = workload.pod.get("terminationGracePeriodSeconds", 30)
    if grace < seconds(waits) + SPARE_S:
        yield f"{workload}: is killed after {grace} s, and takes {waits} to drain"
    args = workload.container.get("args", [])
    if ("--drain-strategy", "immediate") not in zip(args, args[1:]):
        yield f"{workload}: would tell a growing part of its callers, in ten minutes all"


@check("secrets-are-files")
def secrets(manifests: Manifests):
    for where, container, _, workload in _each_container(manifests):
        for variable in container.get("env", []):
            if "secretKeyRef" in variable.get("valueFrom", {}):
                yield f"{where}: variable {variable['name']} holds a secret"
        if any("secretRef" in source for source in container.get("envFrom", [])):
            yield f"{where}: variables hold a secret"
        said = {**manifests.environment(workload), **{f"argument {number}": text for number, text in enumerate(container.get("args", []))}}
        for name, value in said.items():
            if SECRET_NAMES.search(name) or SECRET_VALUES.search(value):
                yield f"{where}: {name} looks like a secret"
    for config in manifests.of("ConfigMap"):
        for key, value in config.get("data", {}).items():
            if SECRET_VALUES.search(value):
                yield f"ConfigMap/{config['metadata']['name']}: {key} looks like a secret"
    for secret in manifests.of("Secret"):
        yield f"Secret/{secret['metadata']['name']}: a secret in the tree"


@check("images-of-one-version")
def images(manifests: Manifests):
    tags = set()
    for where, container, _, workload in _each_container(manifests):
        image = container.get("image", "")
        name, tag, digest = IMAGE.fullmatch(image).groups()
        if tag in (None, "latest") and not digest:
            yield f"{where}: image {image} names no version"
        # A digest alone is as exact as it gets.
        if (tag or not digest) and workload.labels.get("app.kubernetes.io/version") != tag:
            yield f"{where}: image {image}, and the label says {workload.labels.get('app.kubernetes.io/version')}"
        tags |= {tag} - {None}
        expected = workload.name.split("migrate-")[-1].split("-v")[0] if workload.kind == "Job" else workload.component
        if f"/{name}".rpartition("/")[2] != expected or "orewatch/" not in name:
            yield f"{where}: image {name} is not that of {expected}"
        if container.get("imagePullPolicy", "IfNotPresent") == "Never":
            yield f"{where}: is not fetched where it is not there"
    if len(tags) > 1:
        yield f"images of several versions: {', '.join(sorted(tags))}"


@check("restricted-namespace", overlays=("dev", "prod"))
def namespace(manifests: Manifests):
    spaces = manifests.of("Namespace")
    if len(spaces) != 1:
        yield f"{len(spaces)} namespaces"
    for space in spaces:
        for mode in ("enforce", "audit", "warn"):
            if space["metadata"].get("labels", {}).get(f"pod-security.kubernetes.io/{mode}") != "restricted":
                yield f"Namespace/{space['metadata']['name']}: does not {mode} the restricted level of pod security"


@check("rollout-without-a-gap", overlays=("dev", "prod"))
def rollout(manifests: Manifests):
    for workload in manifests.deployments:
        strategy = workload.spec.get("strategy", {})
        claims = [volume["persistentVolumeClaim"]["claimName"] for volume in workload.pod.get("volumes", []) if "persistentVolumeClaim" in volume]
        if any((claim := manifests.find("PersistentVolumeClaim", name)) and not manifests.is_shared(claim) for name in claims):
            if strategy.get("type") != "Recreate" or workload.spec.get("replicas") != 1:
                yield f"{workload}: two pods at once on one volume"
        elif strategy.get("rollingUpdate") != {"maxUnavailable": 0, "maxSurge": 1}:
            yield f"{workload}: must have maxUnavailable 0 and maxSurge 1"


@check("admin-port-for-probes", overlays=("dev", "prod"))
def admin_port(manifests: Manifests):
    for workload in manifests.services:
        flags = manifests.flags(workload)
        if flags.get("admin_address") != f"0.0.0.0:{ADMIN_PORTS[workload.component]}" or flags.get("allow_unprotected_admin") != "true":
            yield f"{workload}: the kubelet cannot reach the admin port"
        if flags.get("admin_pages", "loopback") != "loopback":
            yield f"{workload}: settings and the level of its log are for everybody who reaches the admin port"
