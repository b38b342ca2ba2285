"""A rollout as Kubernetes does it, under load, behind a DNS that remembers what it was told: at the pace of k8s/ no call fails. Ten times as fast."""

import contextlib
import threading
import time

import pytest
import yaml

from programs.names import Names
from programs.process import ROOT, free_port
from support.replicas import Load, Replica

FASTER = 10
# What caches of DNS (CoreDNS, as kubeadm sets it up) remember, and how long gRPC waits at least before it looks a name up again.
DNS_CACHE_S = 30 / FASTER
LOOKED_UP_AFTER_S = 30 / FASTER
NAME = "gateway.test"


class RememberingNames(Names):
    """Looks at the endpoints no more often than a cache does."""

    def __init__(self):
        super().__init__()
        self.endpoints: list[str] = []
        self._filled = float("-inf")

    def fill(self) -> None:
        """As by somebody else who asked just now."""
        self.addresses[NAME] = list(self.endpoints)
        self._filled = time.monotonic()

    def _answer(self, query: bytes) -> bytes:
        if time.monotonic() - self._filled >= DNS_CACHE_S:
            self.fill()
        return super()._answer(query)


class Pace:
    """What the manifest says of a rollout."""

    def __init__(self):
        spec = yaml.safe_load((ROOT / "k8s/base/gateway/deployment.yaml").read_text())["spec"]
        container = spec["template"]["spec"]["containers"][0]
        flags = dict(argument.removeprefix("--").split("=", 1) for argument in container["args"] if "=" in argument)
        self.min_ready_s = spec["minReadySeconds"] / FASTER
        self.sleep_s = container["lifecycle"]["preStop"]["sleep"]["seconds"] / FASTER
        self.drain = {name: f"{1000 * float(flags[name].removesuffix('s')) / FASTER:.0f}ms" for name in ("drain_settle", "drain_timeout")}


class Fleet:
    """Replicas of a gateway, whose readiness is in the name."""

    def __init__(self, folder, names: RememberingNames, pace: Pace, neighbours: dict, stack: contextlib.ExitStack):
        self._folder, self._names, self._pace, self._neighbours, self._stack = folder, names, pace, neighbours, stack
        self._port = free_port()
        self._running: dict[str, Replica] = {}
        self.target = names.target(NAME, self._port)

    def add(self, host: str) -> None:
        replica = Replica("gateway", self._folder, host, self._port, self._neighbours | self._pace.drain)
        self._stack.callback(replica.stop)
        replica.run()
        self._running[host] = replica
        self._names.endpoints.append(host)

    def end(self, host: str) -> threading.Thread:
        """Out of the name at once; then it is let serve for as long as preStop sleeps, and told to end."""
        self._names.endpoints.remove(host)
        timer = threading.Timer(self._pace.sleep_s, self._running[host].stop)
        timer.start()
        return timer

    def fill_caches(self) -> None:
        self._names.fill()

    def roll(self, replaced: list, by: list, min_ready_s: float) -> None:
        """Surge of one, none unavailable: each goes once the next has been ready for so long."""
        ending = []
        for old, new in zip(replaced, by):
            self.add(new)
            time.sleep(min_ready_s)
            ending.append(self.end(old))
        for timer in ending:
            timer.join()


@pytest.fixture
def fleet(tmp_path):
    ports = {name: free_port() for name in ("registry", "risk", "alerting")}
    addresses = {f"{name}_address": f"127.0.0.1:{port}" for name, port in ports.items()}
    flags = {
        "registry": {"data_dir": tmp_path / "registry"},
        "risk": {"registry_address": addresses["registry_address"]},
        "alerting": {"data_dir": tmp_path / "alerting"} | {name: addresses[name] for name in ("registry_address", "risk_address")},
    }
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(RememberingNames())
        for service, own in flags.items():
            replica = Replica(service, tmp_path, "127.0.0.1", ports[service], own)
            stack.callback(replica.stop)
            replica.run()
        yield Fleet(tmp_path, names, Pace(), addresses, stack)


def rolled(fleet: Fleet, min_ready_s: float) -> Load:
    """What callers met whose name was looked up, by them and by others, at the worst moment."""
    for host in ("127.0.0.1", "127.0.0.2"):
        fleet.add(host)
    options = {"grpc.dns_min_time_between_resolutions_ms": int(1000 * LOOKED_UP_AFTER_S)}
    with Load(fleet.target, options, pause_s=0.005) as load:
        time.sleep(LOOKED_UP_AFTER_S)
        fleet.fill_caches()
        fleet.roll(["127.0.0.1", "127.0.0.2"], ["127.0.0.3", "127.0.0.4"], min_ready_s)
        time.sleep(DNS_CACHE_S + LOOKED_UP_AFTER_S)
    print(f"{load.calls} calls, {len(load.failures)} failed")
    return load


def test_at_the_pace_of_the_manifests_no_call_fails(fleet):
    load = rolled(fleet, Pace().min_ready_s)
    assert load.calls > 500
    assert load.failures == []


def test_without_a_pause_callers_are_left_with_addresses_of_nobody(fleet):
    """Why there is a pause: the test above would be worth nothing if this one passed without failures."""
    assert rolled(fleet, 0).failures
