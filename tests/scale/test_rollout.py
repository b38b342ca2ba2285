"""Every service replaced at once, as Kubernetes does it: new pods on new addresses, found by names that a resolver keeps, and no call fails."""

import threading
import time

import pytest
import yaml

from fleet import API, Fleet, Load
from programs.names import Names
from programs.process import ROOT

# What CoreDNS keeps answers for, as kubeadm sets it up.
NAMES_KEPT_S = 30
# As long as a caller may have looked a name up before the new pod was in the answer: what the resolver keeps, and a little.
MIN_READY_S = 35


def deployment(service: str) -> dict:
    return yaml.safe_load((ROOT / f"k8s/base/{service}/deployment.yaml").read_text())["spec"]


def drain_flags() -> dict:
    """Those with which the gateway's pods run, and all others with them."""
    (container,) = deployment("gateway")["template"]["spec"]["containers"]
    flags = dict(argument.lstrip("-").split("=", 1) for argument in container["args"] if argument.startswith("--drain"))
    assert flags
    return flags


def pre_stop_s(service: str) -> float:
    (container,) = deployment(service)["template"]["spec"]["containers"]
    return container["lifecycle"]["preStop"]["sleep"]["seconds"]


@pytest.fixture
def fleet(tmp_path):
    with Names(kept_s=NAMES_KEPT_S) as names, Fleet(tmp_path, names, drain_flags()) as started:
        for service in API:
            started.start(service), started.start(service)
        yield started


def roll_out(fleet: Fleet, service: str) -> None:
    """maxSurge 1, maxUnavailable 0: the next pod does not wait for the end of the one that goes."""
    ends = []
    for old in list(fleet.replicas[service]):
        fleet.start(service)
        time.sleep(deployment(service).get("minReadySeconds", MIN_READY_S))
        fleet.forget(old)
        ends.append(threading.Thread(target=end, args=(old,)))
        ends[-1].start()
    for one in ends:
        one.join()


def end(replica) -> None:
    time.sleep(pre_stop_s(replica.service))
    replica.stop()


def test_no_call_fails_while_all_services_are_replaced(fleet):
    old = [replica for those in fleet.replicas.values() for replica in those]
    begin = time.monotonic()
    with Load(fleet) as load:
        rollouts = [threading.Thread(target=roll_out, args=(fleet, service)) for service in API]
        for one in rollouts:
            one.start()
        for one in rollouts:
            one.join()
        fleet.replicas["gateway"][0].await_true(
            lambda: all(replica.handled() > 0 for those in fleet.replicas.values() for replica in those), "a call of each new replica"
        )
        # For a while nobody of old is there.
        seen = dict(load.calls)
        fleet.replicas["gateway"][0].await_true(lambda: all(load.calls[service] > seen[service] + 50 for service in API), "more calls")
    print(f"{time.monotonic() - begin:.0f} s; calls {load.calls}, failed {len(load.failures)}")
    assert not load.failures
    assert all(replica.process.poll() == 0 for replica in old)
