"""Replicas of the services, and callers who behave as the documented clients do."""

import json
import threading
import urllib.request

import grpc

from programs.process import BIN, Program, answers, as_flags, free_port

CALLERS = 4
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
        own = {"address": f"{host}:{port}", "admin_address": admin}
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

    def __init__(self, target: str, options: dict | None = None, pause_s: float = 0):
        """`options`: arguments of the channel; `pause_s`: of each caller between two calls."""
        self.failures: list[str] = []
        self.calls = 0
        self._pause_s = pause_s
        self._stop = threading.Event()
        arguments = {"grpc.service_config": json.dumps(SERVICE_CONFIG)} | (options or {})
        self._channel = grpc.insecure_channel(target, options=list(arguments.items()))
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
        while not self._stop.wait(self._pause_s):
            try:
                self._overview(b"", timeout=10)
                self.calls += 1
            except grpc.RpcError as error:
                self.failures.append(f"{error.code()} {error.details()}")
