"""A clock that is set, on the machine of all services, fails no call that is made afterwards."""

import time

import grpc
import pytest

from programs.contracts import Contracts
from programs.services import SERVICES, Services
from support.clock import ShiftedClock

# absl's clock notices within two seconds.
NOTICED_S = 3
HOUR_S = 3600
# SectionStatus.State
FRESH = 1


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def services(tmp_path, clock):
    # A gateway that remembers asks nobody.
    with Services(tmp_path, flags={"gateway": {"gateway_cache_bytes": 0}}, environments={name: clock.environment() for name in SERVICES}) as started:
        started.import_bundled_data()
        started.await_consistent()
        yield started


def failures(address: str, for_s: float) -> list[str]:
    """Of calls that ask all services, one after the other; those under way when the clock was set had ended before."""
    contracts = Contracts()
    failed = []
    with grpc.insecure_channel(address) as channel:
        call = contracts.call(channel, "orewatch.gateway.v1.Gateway/GetOverview")
        request = contracts.message("orewatch.gateway.v1.GetOverviewRequest")
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            try:
                overview = call(request, timeout=2)
                lacks = [section for section in ("registry", "risk", "alerting") if getattr(overview, section).state != FRESH]
                failed += [f"{section}: {getattr(overview, section).error}" for section in lacks]
            except grpc.RpcError as error:
                failed.append(f"{error.code()}: {error.details()}")
    return failed


@pytest.mark.parametrize("ahead_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_fails_no_call(services, clock, ahead_s):
    clock.is_ahead_by(ahead_s)
    assert not failures(services["gateway"].address, NOTICED_S)
