"""Two replicas of each service become four under load: callers find the new ones by the name alone, within the age of a connection."""

import contextlib
import json
import threading
import time
import urllib.request

import grpc
import pytest

from programs.names import Names
from programs.postgres import Postgres
from programs.process import BIN, ROOT, Program, answers, as_flags, free_port

AGE_S = 10
# gRPC looks a name up no more often, so that an age below it is in effect this long.
LOOKED_UP_AFTER_S = 30
SKEW = 0.2
CALLERS = 4
CALLS_OF_A_SAMPLE = 800
# In the order in which they are started: nobody before those whom they call.
API = {
    "registry": "orewatch.registry.v1.Registry",
    "risk": "orewatch.risk.v1.Risk",
    "alerting": "orewatch.alerting.v1.Alerting",
    "gateway": "orewatch.gateway.v1.Gateway",
}
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
        self.service = service
        admin = f"127.0.0.1:{free_port()}"
        self.admin = f"http://{admin}"
        own = {"address": f"{host}:{port}", "admin_address": admin, "max_connection_age": f"{AGE_S}s"}
        super().__init__([BIN / f"orewatch-{service}", *as_flags(own | flags)], folder / f"{service}-{host}.log")

    def run(self) -> None:
        self.start(lambda: answers(f"{self.admin}/readyz"))

    def handled(self) -> int:
        """Unary calls of its API that it has answered."""
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        mine = (line for line in lines if line.startswith("grpc_server_handled_total{") and f'grpc_service="{API[self.service]}"' in line)
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
    """Starts a replica of a service that all find by its name, over one PostgreSQL; and what callers of the gateway dial."""
    ports = {name: free_port() for name in API}
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(Names())
        postgres = stack.enter_context(Postgres())
        targets = {f"{name}_address": names.target(f"{name}.test", ports[name]) for name in API}
        flags = {name: {"database": postgres.create(name), "database_connections": 4} for name in ("registry", "risk", "alerting")}
        flags["alerting"] |= {"default_rules": ROOT / "data/rules.textproto"}
        # Else it would remember, and ask nobody.
        flags["gateway"] = {"gateway_cache_bytes": 0}
        for caller, called in {"risk": 1, "alerting": 2, "gateway": 3}.items():
            flags[caller] |= dict(list(targets.items())[:called])

        def start(service: str, host: str) -> Replica:
            replica = Replica(service, tmp_path, host, ports[service], flags[service])
            stack.callback(replica.stop)
            replica.run()
            names.addresses.setdefault(f"{service}.test", []).append(host)
            return replica

        yield start, targets["gateway_address"]


def sample(replicas: dict) -> dict:
    """How many of the next calls of each service each of its replicas gets."""
    before = {replica: replica.handled() for those in replicas.values() for replica in those}

    def since() -> dict:
        return {service: [replica.handled() - before[replica] for replica in those] for service, those in replicas.items()}

    def enough() -> bool:
        return all(sum(calls) >= CALLS_OF_A_SAMPLE for calls in since().values())

    replicas["gateway"][0].await_true(enough, f"{CALLS_OF_A_SAMPLE} calls of each service")
    return since()


def skew(calls: list[int]) -> float:
    return (max(calls) - min(calls)) * len(calls) / sum(calls)


def uneven(calls: dict) -> dict:
    return {service: shares for service, shares in calls.items() if skew(shares) >= SKEW}


def test_four_replicas_share_what_two_did(scene):
    start, target = scene
    replicas = {service: [start(service, host) for host in ("127.0.0.1", "127.0.0.2")] for service in API}
    with Load(target) as load:
        replicas["gateway"][0].await_true(lambda: not uneven(sample(replicas)), "an even load of two")
        for service, those in replicas.items():
            those += [start(service, host) for host in ("127.0.0.3", "127.0.0.4")]
        begin = time.monotonic()
        replicas["gateway"][0].await_true(lambda: not uneven(sample(replicas)), "an even load of four")
        took = time.monotonic() - begin
        shares = sample(replicas)
        calls = sum(replica.handled() for replica in replicas["gateway"])
    print(f"even {took:.0f} s after the last was ready; {calls} calls, {len(load.failures)} failed; shares {shares}")
    assert not load.failures
    assert not uneven(shares)
    # An age is drawn a tenth longer or shorter.
    assert took < LOOKED_UP_AFTER_S + 2 * AGE_S
