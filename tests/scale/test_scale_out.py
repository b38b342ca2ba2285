"""Two replicas become four under load: callers find the new ones by the name alone, within the age of a connection."""

import contextlib
import json
import threading
import time
import urllib.request

import grpc
import pytest

from programs.names import Names
from programs.process import BIN, ROOT, Program, answers, as_flags, free_port

AGE_S = 10
# gRPC looks a name up no more often, so that an age below it is in effect this long.
LOOKED_UP_AFTER_S = 30
SKEW = 0.2
CALLERS = 4
CALLS_OF_A_SAMPLE = 800
# As the documented clients have it: what may be repeated is, while a replica is away for a moment.
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{"service": "orewatch.gateway.v1.Gateway", "method": "GetOverview"}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}


class Replica(Program):
    """One of a service, on an address of its own and the port that all have."""

    def __init__(self, service: str, folder, host: str, port: int, flags: dict):
        admin = f"127.0.0.1:{free_port()}"
        self.admin = f"http://{admin}"
        own = {"address": f"{host}:{port}", "admin_address": admin, "max_connection_age": f"{AGE_S}s"}
        super().__init__([BIN / f"orewatch-{service}", *as_flags(own | flags)], folder / f"{service}-{host}.log")

    def run(self) -> None:
        self.start(lambda: answers(f"{self.admin}/readyz"))

    def handled(self, service: str) -> int:
        """Unary calls of a service of ours that it has answered."""
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        mine = (line for line in lines if line.startswith("grpc_server_handled_total{") and f'grpc_service="{service}"' in line)
        return sum(int(float(line.rpartition(" ")[2])) for line in mine if 'grpc_type="unary"' in line)


class Load:
    """Callers who ask for overviews one after the other, as fast as they are answered."""

    def __init__(self, target: str):
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._channel = grpc.insecure_channel(target, options=[("grpc.service_config", json.dumps(SERVICE_CONFIG))])
        # An empty request is no bytes, and what the answer says is not asked.
        self._overview = self._channel.unary_unary("/orewatch.gateway.v1.Gateway/GetOverview")
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def _call(self) -> None:
        while not self._stop.is_set():
            try:
                self._overview(b"", timeout=10)
            except grpc.RpcError as error:
                self.failures.append(f"{error.code()} {error.details()}")


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
            replica = Replica(service, tmp_path, host, ports[service], neighbours[service])
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
