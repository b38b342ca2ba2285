"""Two replicas of each service become four under load, and two again: callers find the new ones by the name alone, within the age of a connection."""

import time

import pytest

from fleet import Fleet, Load
from programs.names import Names

AGE_S = 10
# gRPC looks a name up no more often, so that an age below it is in effect this long.
LOOKED_UP_AFTER_S = 30
SKEW = 0.2
CALLS_OF_A_SAMPLE = 800


@pytest.fixture
def fleet(tmp_path):
    with Names() as names, Fleet(tmp_path, names, {"max_connection_age": f"{AGE_S}s"}) as started:
        yield started


def sample(fleet: Fleet) -> dict:
    """How many of the next calls of each service each of its replicas gets."""
    before = {replica: replica.handled() for those in fleet.replicas.values() for replica in those}

    def since() -> dict:
        return {service: [replica.handled() - before[replica] for replica in those] for service, those in fleet.replicas.items()}

    def enough() -> bool:
        return all(sum(calls) >= CALLS_OF_A_SAMPLE for calls in since().values())

    fleet.replicas["gateway"][0].await_true(enough, f"{CALLS_OF_A_SAMPLE} calls of each service")
    return since()


def skew(calls: list[int]) -> float:
    return (max(calls) - min(calls)) * len(calls) / sum(calls)


def uneven(calls: dict) -> dict:
    return {service: shares for service, shares in calls.items() if skew(shares) >= SKEW}


def await_even(fleet: Fleet) -> float:
    """Returns after how many seconds the load was."""
    begin = time.monotonic()
    fleet.replicas["gateway"][0].await_true(lambda: not uneven(sample(fleet)), "an even load")
    return time.monotonic() - begin


def test_four_replicas_share_what_two_did(fleet):
    for service in fleet.replicas:
        fleet.start(service), fleet.start(service)
    with Load(fleet) as load:
        await_even(fleet)
        for service in fleet.replicas:
            fleet.start(service), fleet.start(service)
        took = await_even(fleet)
        shares = sample(fleet)
        for those in list(fleet.replicas.values()):
            for replica in those[2:]:
                fleet.forget(replica)
                replica.stop()
        await_even(fleet)
    print(f"even {took:.0f} s after the last was ready; calls {load.calls}, failed {len(load.failures)}; shares {shares}")
    assert not load.failures
    assert not uneven(shares)
    # An age is drawn a tenth longer or shorter.
    assert took < LOOKED_UP_AFTER_S + 2 * AGE_S
