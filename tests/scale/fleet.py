"""Replicas of every service over one PostgreSQL and TLS, found by name, and callers with the documented settings."""

import contextlib
import json
import pathlib
import threading
import time
import urllib.request
import uuid

import grpc

from programs.certificates import Authority
from programs.contracts import Contracts
from programs.names import Names
from programs.postgres import Postgres
from programs.process import BIN, ROOT, Program, answers, as_flags, free_port

# In the order in which they are started: nobody before those whom they call.
API = {
    "registry": "orewatch.registry.v1.Registry",
    "risk": "orewatch.risk.v1.Risk",
    "alerting": "orewatch.alerting.v1.Alerting",
    "gateway": "orewatch.gateway.v1.Gateway",
}
# Also the name in their certificate.
HOST = "localhost"
MINERAL = "minerals/benchmarkium"
# What may be repeated is, while a replica is away for a moment: here all that is called, since the one write has a request_id.
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{"service": service} for service in API.values()],
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

    def __init__(self, service: str, folder: pathlib.Path, host: str, port: int, flags: dict):
        self.service = service
        self.host = host
        admin = f"127.0.0.1:{free_port()}"
        self.admin = f"http://{admin}"
        own = {"address": f"{host}:{port}", "admin_address": admin}
        super().__init__([BIN / f"orewatch-{service}", *as_flags(own | flags)], folder / f"{service}-{host}.log")

    def run(self) -> None:
        self.start(lambda: answers(f"{self.admin}/readyz"))

    def handled(self) -> int:
        """Unary calls of its API that it has answered."""
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        mine = (line for line in lines if line.startswith("grpc_server_handled_total{") and f'grpc_service="{API[self.service]}"' in line)
        return sum(int(float(line.rpartition(" ")[2])) for line in mine if 'grpc_type="unary"' in line)


class Fleet:
    """`flags`: more of every service. `names`: where it is known who there is."""

    def __init__(self, folder: pathlib.Path, names: Names, flags: dict):
        self.names = names
        self.replicas: dict[str, list[Replica]] = {service: [] for service in API}
        self._folder = folder
        self._extra = flags
        self._hosts = {service: 0 for service in API}
        self._ports = {service: free_port() for service in API}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Fleet":
        postgres = self._stack.enter_context(Postgres())
        authority = Authority(self._folder)
        own = authority.issue(self._folder / "certificate", "spiffe://example.org/orewatch")
        self.ca = authority.file
        tls = {"tls_certificate": own.cert, "tls_key": own.key}
        stores = {name: {"database": postgres.create(name), "database_connections": 4} for name in ("registry", "risk", "alerting")}
        stores["alerting"] |= {"default_rules": ROOT / "data/rules.textproto", "lease_duration": "3s"}
        # Else it would remember, and ask nobody.
        stores["gateway"] = {"gateway_cache_bytes": 0}
        self._flags = {}
        for place, name in enumerate(API):
            upstream = {f"{other}_address": self.target(other) for other in list(API)[:place]}
            trust = {"upstream_ca": self.ca, "upstream_server_name": HOST} if upstream else {}
            self._flags[name] = stores[name] | tls | upstream | trust | self._extra
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def target(self, service: str) -> str:
        return self.names.target(f"{service}.test", self._ports[service])

    def start(self, service: str) -> Replica:
        """One more, on an address that no other has had; known as soon as it is ready."""
        self._hosts[service] += 1
        replica = Replica(service, self._folder, f"127.0.0.{self._hosts[service]}", self._ports[service], self._flags[service])
        self._stack.callback(replica.stop)
        replica.run()
        self.names.addresses.setdefault(f"{service}.test", []).append(replica.host)
        self.replicas[service].append(replica)
        return replica

    def forget(self, replica: Replica) -> None:
        """Nobody who asks from now on is told of it."""
        self.names.addresses[f"{replica.service}.test"].remove(replica.host)
        self.replicas[replica.service].remove(replica)


class Load:
    """Callers of every service, one call after the other, each as fast as it is answered."""

    def __init__(self, fleet: Fleet):
        self.calls = {service: 0 for service in API}
        self.failures: list[str] = []
        self._contracts = Contracts()
        self._stop = threading.Event()
        trusted = grpc.ssl_channel_credentials(fleet.ca.read_bytes())
        options = [("grpc.service_config", json.dumps(SERVICE_CONFIG)), ("grpc.ssl_target_name_override", HOST)]
        self._channels = {service: grpc.secure_channel(fleet.target(service), trusted, options) for service in API}
        self._create()
        work = {"registry": self._write, "risk": self._reader("risk", "ListScores"), "alerting": self._reader("alerting", "ListAlerts")}
        work["gateway"] = self._reader("gateway", "GetOverview")
        self._threads = [threading.Thread(target=self._repeat, args=one) for one in [*work.items(), ("gateway", work["gateway"])]]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for channel in self._channels.values():
            channel.close()

    def _reader(self, service: str, method: str):
        call = self._contracts.call(self._channels[service], f"{API[service]}/{method}")
        request = self._contracts.message(f"{API[service].rpartition('.')[0]}.{method}Request")
        return lambda: call(request, timeout=10)

    def _mineral(self, name: str):
        provenance = self._contracts.message("orewatch.type.v1.Provenance", source="a test")
        # On a list, so that there is an overview.
        return self._contracts.message("orewatch.registry.v1.Mineral", name=MINERAL, display_name=name, critical_lists=["US_2025"], provenance=provenance)

    def _create(self) -> None:
        call = self._contracts.call(self._channels["registry"], f"{API['registry']}/CreateMineral")
        request = "orewatch.registry.v1.CreateMineralRequest"
        call(self._contracts.message(request, mineral_id=MINERAL.split("/")[1], mineral=self._mineral("Benchmarkium")), timeout=10, wait_for_ready=True)

    def _write(self) -> None:
        call = self._contracts.call(self._channels["registry"], f"{API['registry']}/UpdateMineral")
        request = self._contracts.message("orewatch.registry.v1.UpdateMineralRequest", mineral=self._mineral(uuid.uuid4().hex), request_id=uuid.uuid4().hex)
        request.update_mask.paths.append("display_name")
        call(request, timeout=10)

    def _repeat(self, service: str, work) -> None:
        while not self._stop.is_set():
            try:
                work()
                self.calls[service] += 1
            except grpc.RpcError as error:
                self.failures.append(f"{time.monotonic():.1f} {service}: {error.code()} {error.details()}")
