"""How pods are replaced: the old one is there until those who call can have found the new one."""

from support.checks import check
from support.manifests import Manifests, seconds

# What a cache of DNS may remember (CoreDNS as kubeadm sets it up), and how long gRPC waits at least before it looks a name up again.
DNS_CACHE_S = 30
LOOKED_UP_AFTER_S = 30
# One that starts and falls over has done so by then.
SETTLED_S = 10
BALANCERS_S = 35


@check("rollout-finds-callers", overlays=("prod",))
def too_fast(manifests: Manifests):
    """Drains of nodes heed no minReadySeconds: what callers need, the pod that goes must give them."""
    for workload in manifests.services:
        # Without it, drain-fits has something to say.
        sleeps = workload.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if sleeps <= DNS_CACHE_S + LOOKED_UP_AFTER_S:
            yield f"{workload}: is there for {sleeps} s when it is to go, and callers take {DNS_CACHE_S + LOOKED_UP_AFTER_S} s to find another"
        rolling = workload.spec.get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or rolling.get("maxSurge") != 1:
            yield f"{workload}: more than one pod is replaced at once"
        if workload.spec.get("progressDeadlineSeconds", 600) < 120:
            yield f"{workload}: its rollout is given up before a pod counts"
    for workload in manifests.deployments:
        needs, why = (BALANCERS_S, "balancers take as long to see a new pod") if workload.component == "edge" else (SETTLED_S, "it may fall over soon")
        if workload.spec.get("minReadySeconds", 0) < needs:
            yield f"{workload}: minReadySeconds is not {needs}, and {why}"
