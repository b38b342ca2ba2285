"""How fast a rollout may go: no faster than those who call can find the new pods."""

from support.checks import check
from support.manifests import Manifests, seconds

# What a cache of DNS may remember (CoreDNS as kubeadm sets it up), and how long gRPC waits at least before it looks a name up again.
DNS_CACHE_S = 30
LOOKED_UP_AFTER_S = 30
BALANCERS_S = 35


@check("rollout-finds-callers", overlays=("prod",))
def too_fast(manifests: Manifests):
    """A caller who looked names up just before a pod was ready must find it before the next goes."""
    for workload in manifests.services:
        flags = manifests.flags(workload)
        serves_on = workload.container["lifecycle"]["preStop"]["sleep"]["seconds"] + seconds(flags["drain_settle"])
        needs = DNS_CACHE_S + LOOKED_UP_AFTER_S - serves_on
        if workload.spec.get("minReadySeconds", 0) <= needs:
            yield f"{workload}: minReadySeconds {workload.spec.get('minReadySeconds', 0)} is not more than {needs:.0f}"
        rolling = workload.spec["strategy"].get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or rolling.get("maxSurge") != 1:
            yield f"{workload}: more than one pod is replaced at once"
        if workload.spec.get("progressDeadlineSeconds", 600) < 2 * workload.spec.get("minReadySeconds", 0):
            yield f"{workload}: its rollout is given up before a pod counts"
    for workload in manifests.deployments:
        if workload.spec.get("minReadySeconds", 0) < BALANCERS_S:
            yield f"{workload}: balancers take up to {BALANCERS_S} s to see a new pod"
