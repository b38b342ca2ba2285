"""Checks of how what stands in a pod goes together; what may stand there at all is in support/allowed/pods.py."""

import functools
import re

import yaml

from support.checks import check
from support.manifests import ADMIN_PORTS, SERVICES, Manifests, mebibytes, seconds

# From the last of preStop, settling and draining until the pod would be killed: stores are closed in it.
SPARE_S = 5
# Of an Envoy beside its heap: what it runs on, stacks, buffers of the kernel.
BESIDE_HEAP = 1.1
# How long a pod may be without an answer until it is left out, restarted, or has failed to start: (at least, at most) seconds.
PATIENCE_S = {"startup": (60, 900), "liveness": (30, 120), "readiness": (5, 30)}
# [registry[:port]/]name[:tag][@digest]
IMAGE = re.compile(r"((?:[^/:@]+(?::\d+)?/)*[^:@/]*)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?")
SECRET_NAMES = re.compile(r"password|passwd|secret_key|api_key$|private_key|^.*_token$", re.IGNORECASE)
SECRET_VALUES = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|password=|://[^\s/@:]+:[^\s/@]+@|\bow_[a-z0-9-]+_[A-Za-z0-9]|whsec_|eyJ[A-Za-z0-9_-]+\.eyJ")


def _each_container(manifests: Manifests):
    for workload in manifests.workloads:
        for container in workload.containers:
            yield f"{workload}/{container['name']}", container, workload


@check("volumes")
def volumes(manifests: Manifests):
    for workload in manifests.workloads:
        named = [volume["name"] for volume in workload.pod.get("volumes", [])]
        mounted = [mount["name"] for container in workload.containers for mount in container.get("volumeMounts", [])]
        if sorted(named) != sorted(mounted):
            yield f"{workload}: volumes {sorted(named)}, of which {sorted(mounted)} are mounted"


@check("resources")
def resources(manifests: Manifests):
    for where, container, _ in _each_container(manifests):
        asked, most = (container.get("resources", {}).get(key, {}).get("memory") for key in ("requests", "limits"))
        if asked and most and mebibytes(most) < mebibytes(asked):
            yield f"{where}: its limit of memory is below its request"


@check("probes-apart")
def probes(manifests: Manifests):
    for workload in manifests.deployments:
        for name, (least, most) in PATIENCE_S.items():
            probe = workload.container.get(f"{name}Probe", {})
            period, patience = probe.get("periodSeconds", 10), probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
            if not least <= patience <= most or probe.get("timeoutSeconds", 1) > period:
                yield f"{workload}: the {name} probe decides after {patience} s, not {least} to {most}, or asks anew before it has an answer"


@check("drain-fits")
def drain(manifests: Manifests):
    for edge in [workload for workload in manifests.deployments if workload.component == "edge"]:
        yield from _drain_of_edge(manifests, edge)
    for workload in manifests.services:
        sleep = workload.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        flags = manifests.flags(workload)
        needs = sleep + seconds(flags.get("drain_settle", "0s")) + seconds(flags.get("drain_timeout", "0s")) + SPARE_S
        if "drain_settle" not in flags or "drain_timeout" not in flags:
            yield f"{workload}: does not say how long it drains"
        grace = workload.pod.get("terminationGracePeriodSeconds", 30)
        if grace < needs:
            yield f"{workload}: is killed after {grace} s, and needs {needs:.0f} s to end"


@functools.cache
def _loaded(envoy: str) -> dict:
    return yaml.load(envoy, Loader=yaml.CSafeLoader)


def _envoy(manifests: Manifests) -> dict:
    return next((_loaded(one["data"]["envoy.yaml"]) for one in manifests.of("ConfigMap") if "envoy.yaml" in one.get("data", {})), {})


@check("edge-fits-its-memory", overlays=("prod",))
def heap(manifests: Manifests):
    monitors = _envoy(manifests).get("overload_manager", {}).get("resource_monitors", [])
    sizes = [one["typed_config"]["max_heap_size_bytes"] / 2**20 for one in monitors if "max_heap_size_bytes" in one["typed_config"]]
    for workload in [one for one in manifests.deployments if one.component == "edge"]:
        limit = mebibytes(workload.container.get("resources", {}).get("limits", {}).get("memory", "0Mi"))
        if not sizes or limit < BESIDE_HEAP * max(sizes):
            yield f"{workload}: is killed at {limit:.0f} MiB, before Envoy refuses calls at {max(sizes, default=0):.0f}"


def _drain_of_edge(manifests: Manifests, workload):
    """Envoy ends at once when it is told to, and its image has nothing to run: it is asked to drain, and answers when it has."""
    listeners = {one["name"]: one for one in _envoy(manifests).get("static_resources", {}).get("listeners", [])}
    if "drain" not in listeners:
        yield f"{workload}: nobody answers when it is asked to drain"
        return
    filters = listeners["drain"]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    waits = next(one["typed_config"]["delay"]["fixed_delay"] for one in filters if one["name"] == "envoy.filters.http.fault")
    grace = workload.pod.get("terminationGracePeriodSeconds", 30)
    if grace < seconds(waits) + SPARE_S:
        yield f"{workload}: is killed after {grace} s, and takes {waits} to drain"


# Asked for each mistake that is planted, and mostly the same.
@functools.cache
def _looks_like_a_secret(text: str) -> bool:
    return SECRET_VALUES.search(text) is not None


@check("secrets-are-files")
def secrets(manifests: Manifests):
    for where, container, workload in _each_container(manifests):
        said = {**manifests.environment(workload), **{f"argument {number}": text for number, text in enumerate(container.get("args", []))}}
        for name, value in said.items():
            if SECRET_NAMES.search(name) or _looks_like_a_secret(value):
                yield f"{where}: {name} looks like a secret"
    for config in manifests.of("ConfigMap"):
        for key, value in config.get("data", {}).items():
            if _looks_like_a_secret(value):
                yield f"ConfigMap/{config['metadata']['name']}: {key} looks like a secret"


@check("images-of-one-version")
def images(manifests: Manifests):
    tags = set()
    for where, container, workload in _each_container(manifests):
        image = container.get("image", "")
        name, tag, digest = IMAGE.fullmatch(image).groups()
        if workload.kind == "Pod":
            continue
        if tag in (None, "latest") and not digest:
            yield f"{where}: image {image} names no version"
        # A digest alone is as exact as it gets.
        if (tag or not digest) and workload.labels.get("app.kubernetes.io/version") != tag:
            yield f"{where}: image {image}, and the label says {workload.labels.get('app.kubernetes.io/version')}"
        tags |= {tag} - {None}
        expected = workload.name.split("migrate-")[-1].split("-v")[0] if workload.kind == "Job" else workload.component
        if f"/{name}".rpartition("/")[2] != expected or "orewatch/" not in name:
            yield f"{where}: image {name} is not that of {expected}"
    if len(tags) > 1:
        yield f"images of several versions: {', '.join(sorted(tags))}"


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
