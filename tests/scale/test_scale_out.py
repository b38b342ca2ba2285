"""Two replicas become four under load: callers find the new ones by the name alone, within the age of a connection."""

import contextlib
import time

import pytest

from programs.names import Names
from programs.process import ROOT, free_port
from support.replicas import Load, Replica

AGE_S = 10
# gRPC looks a name up no more often, so that an age below it is in effect this long.
LOOKED_UP_AFTER_S = 30
SKEW = 0.2
CALLS_OF_A_SAMPLE = 800


@pytest.fixture
def scene(tmp_path):
    """A registry, an alerting, and a function that starts replicas of the others."""
    ports = {name: free_port() for name in ("registry", "risk", "alerting", "gateway")}
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(Names())
        neighbours = {
            "registry": {"data_dir": tmp_path / "registry"},
            "risk": {"registry_address": f"127.0.0.1:{ports['registry']}"},
            "alerting": {
                "data_dir": tmp_path / "alerting",
                "default_rules": ROOT / "data/rules.textproto",
                "registry_address": f"127.0.0.1:{ports['registry']}",
                "risk_address": names.target("risk.test", ports["risk"]),
            },
            "gateway": {
                "registry_address": f"127.0.0.1:{ports['registry']}",
                "risk_address": names.target("risk.test", ports["risk"]),
                "alerting_address": f"127.0.0.1:{ports['alerting']}",
                # Else it would remember, and ask nobody.
                "gateway_cache_bytes": 0,
            },
        }

        def start(service: str, host: str) -> Replica:
            replica = Replica(service, tmp_path, host, ports[service], neighbours[service] | {"max_connection_age": f"{AGE_S}s"})
            stack.callback(replica.stop)
            replica.run()
            names.addresses.setdefault(f"{service}.test", []).append(host)
            return replica

        yield start, names.target("gateway.test", ports["gateway"])


def calls_of(replicas: list, service: str) -> list[int]:
    return [replica.handled(service) for replica in replicas]


def sample(replicas: list, service: str) -> list[int]:
    """How many of the next calls each of the replicas gets."""
    before = calls_of(replicas, service)

    def since() -> list[int]:
        return [now - then for now, then in zip(calls_of(replicas, service), before)]

    replicas[0].await_true(lambda: sum(since()) >= CALLS_OF_A_SAMPLE, f"{CALLS_OF_A_SAMPLE} calls of {service}")
    return since()


def skew(calls: list[int]) -> float:
    return (max(calls) - min(calls)) * len(calls) / sum(calls)


def test_four_replicas_share_what_two_did(scene):
    start, target = scene
    start("registry", "127.0.0.1")
    services = {"risk": "orewatch.risk.v1.Risk", "gateway": "orewatch.gateway.v1.Gateway"}
    replicas = {"risk": [start("risk", host) for host in ("127.0.0.1", "127.0.0.2")]}
    start("alerting", "127.0.0.1")
    replicas["gateway"] = [start("gateway", host) for host in ("127.0.0.1", "127.0.0.2")]
    with Load(target) as load:
        for name, service in services.items():
            assert skew(sample(replicas[name], service)) < SKEW, name
        begin = time.monotonic()
        for name in services:
            replicas[name] += [start(name, host) for host in ("127.0.0.3", "127.0.0.4")]

        def even() -> bool:
            return all(skew(sample(replicas[name], service)) < SKEW for name, service in services.items())

        replicas["risk"][0].await_true(even, "an even load")
        took = time.monotonic() - begin
        shares = {name: sample(replicas[name], service) for name, service in services.items()}
    print(f"found after {took:.0f} s; calls {shares}")
    assert not load.failures
    for name, calls in shares.items():
        assert skew(calls) < SKEW, f"{name}: {calls}"
    # The last replica was started some seconds after `begin`, and an age is drawn a tenth longer or shorter.
    assert took < LOOKED_UP_AFTER_S + 2 * AGE_S
