"""A clock that is set, on the machine of all services: no call fails, nothing stands still."""

import re
import time
import urllib.error
import urllib.request

import grpc
import pytest

from programs.contracts import Contracts
from programs.services import SERVICES, Services
from support.clock import ShiftedClock

# A process whose threads stand still is not live after 15 s.
WATCHED_S = 20
HOUR_S = 3600
# SectionStatus.State
FRESH = 1


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def services(tmp_path, clock):
    # A gateway that remembers asks nobody.
    flags = {"gateway": {"gateway_cache_bytes": 0}}
    with Services(tmp_path, flags=flags, environments={name: clock.environment() for name in SERVICES}) as started:
        started.import_bundled_data()
        started.await_consistent()
        yield started


class Asked:
    """The gateway, asked for what all services know."""

    def __init__(self, channel: grpc.Channel):
        contracts = Contracts()
        self._call = contracts.call(channel, "orewatch.gateway.v1.Gateway/GetOverview")
        self._request = contracts.message("orewatch.gateway.v1.GetOverviewRequest")

    def complaints(self) -> list[str]:
        try:
            overview = self._call(self._request, timeout=10)
        except grpc.RpcError as error:
            return [f"{error.code()}: {error.details()}"]
        sections = {name: getattr(overview, name) for name in ("registry", "risk", "alerting")}
        return [f"{name}: {section.error}" for name, section in sections.items() if section.state != FRESH]


def unwell(service) -> list[str]:
    said = []
    for probe in ("livez", "readyz"):
        try:
            urllib.request.urlopen(f"{service.admin}/{probe}", timeout=10).close()
        except urllib.error.HTTPError as error:
            said.append(f"{service.name} /{probe}: {error.read().decode()}")
    return said


def value(service, family: str) -> float:
    with urllib.request.urlopen(f"{service.admin}/metrics", timeout=5) as page:
        return float(re.search(rf"^{family} (\S+)$", page.read().decode(), re.MULTILINE).group(1))


def write(registry) -> None:
    contracts = Contracts()
    provenance = contracts.message("orewatch.type.v1.Provenance", source="a test")
    mineral = contracts.message("orewatch.registry.v1.Mineral", display_name="Unobtainium", provenance=provenance)
    request = contracts.message("orewatch.registry.v1.CreateMineralRequest", mineral_id="unobtainium", mineral=mineral)
    with grpc.insecure_channel(registry.address) as channel:
        contracts.call(channel, "orewatch.registry.v1.Registry/CreateMineral")(request, timeout=5)


@pytest.mark.parametrize("ahead_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_stops_nothing(services, clock, ahead_s):
    clock.is_ahead_by(ahead_s)
    until = time.monotonic() + WATCHED_S
    with grpc.insecure_channel(services["gateway"].address) as channel:
        asked = Asked(channel)
        while time.monotonic() < until:
            assert not asked.complaints() + [said for service in services for said in unwell(service)]
    assert value(services["alerting"], "orewatch_alerting_leader") == 1
    write(services["registry"])
    services.await_consistent()
