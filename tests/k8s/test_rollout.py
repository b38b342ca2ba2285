"""How fast a rollout may go: no faster than those who call can find the new pods."""

import copy

import pytest

from support.manifests import Manifests, seconds
from support.rendering import render

# What a cache of DNS may remember (CoreDNS as kubeadm sets it up), and how long gRPC waits at least before it looks a name up again.
DNS_CACHE_S = 30
LOOKED_UP_AFTER_S = 30


def too_fast(manifests: Manifests):
    """Of the services of prod: a caller who looked names up just before a pod was ready must find it before the next goes."""
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


@pytest.fixture
def prod() -> Manifests:
    return Manifests(copy.deepcopy(render("prod")))


def test_callers_find_new_pods_before_old_ones_go(prod):
    assert list(too_fast(prod)) == []
    for workload in prod.deployments:
        assert workload.spec.get("minReadySeconds", 0) >= 35, f"{workload}: balancers take a while to see a new pod"


@pytest.mark.parametrize("change", [{"minReadySeconds": 35}, {"minReadySeconds": 0}, {"progressDeadlineSeconds": 60}])
def test_a_rollout_that_is_too_fast_is_found(prod, change):
    prod.find("Deployment", "orewatch-risk")["spec"].update(change)
    (problem,) = too_fast(prod)
    assert problem.startswith("Deployment/orewatch-risk: ")


def test_two_pods_at_once_are_found(prod):
    prod.find("Deployment", "orewatch-gateway")["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = "25%"
    assert list(too_fast(prod)) == ["Deployment/orewatch-gateway: more than one pod is replaced at once"]
