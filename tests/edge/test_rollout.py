"""An edge is replaced by another under load, told to end as its pod is: callers who go when they are told to lose nothing."""

import http.client
import select
import socket
import threading
import time
import urllib.error
import urllib.request

import grpc
import pytest
import yaml

from programs.edge import Edge
from programs.process import ROOT, free_port
from support.grpc_calls import CONTRACTS

DEPLOYMENT = yaml.safe_load((ROOT / "k8s/components/edge/deployment.yaml").read_text())
CONTAINER = DEPLOYMENT["spec"]["template"]["spec"]["containers"][0]
WAIT_S = 4
# In which a balancer goes on sending new connections to a pod that ends.
FORGETS_AFTER_S = 1
CALLERS = 8
OVERVIEW = "/gateway/v1/overview?limit=50"


class Balancer:
    """What is before the edges: passes each new connection on to where it is told, whatever becomes of those that are there."""

    def __init__(self):
        self.port_behind = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Balancer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client, self.port_behind), daemon=True).start()

    def _pass_on(self, client: socket.socket, port: int) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            other = {client: server, server: client}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    try:
                        piece = ready.recv(65536)
                    except OSError:
                        return
                    if not piece:
                        return
                    other[ready].sendall(piece)


class Callers:
    """Keep their connections, by HTTP/1.1 and by gRPC, and let go of them when they are told to; none repeats a call."""

    def __init__(self, port: int, deadline_s: float = 10):
        self._port, self._deadline_s = port, deadline_s
        self._stopped = threading.Event()
        self.failures: list[str] = []
        self.calls = {"http": 0, "grpc": 0}
        self.connections = 0
        self._threads = [threading.Thread(target=one) for one in [self._call_http] * CALLERS + [self._call_grpc] * 2]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _call_http(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._deadline_s)
        while not self._stopped.wait(0.02):
            try:
                self.connections += connection.sock is None
                connection.request("GET", OVERVIEW)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(f"http {answer.status}")
            except (OSError, http.client.HTTPException) as broken:
                self.failures.append(f"http {broken!r}")
                connection.close()
            self.calls["http"] += 1

    def _call_grpc(self) -> None:
        # Without the repetition of its own that gRPC adds where a server has not seen a call.
        options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(f"127.0.0.1:{self._port}", options=options) as channel:
            head = CONTRACTS.call(channel, "orewatch.registry.v1.Registry/GetHead")
            while not self._stopped.wait(0.02):
                try:
                    head(CONTRACTS.message("orewatch.registry.v1.GetHeadRequest"), timeout=self._deadline_s)
                except grpc.RpcError as failed:
                    self.failures.append(f"grpc {failed.code().name}: {failed.details()}")
                self.calls["grpc"] += 1


def envoy_arguments() -> tuple:
    """As the pod has them, but for where the configuration is and what Edge sets itself."""
    given = CONTAINER["args"]
    return tuple(given[at + offset] for at, one in enumerate(given) if one.startswith("--drain") for offset in (0, 1))


@pytest.fixture
def start(tmp_path_factory, start_suite):
    started = []
    suite = start_suite({}, {})

    def start_edge() -> tuple:
        drain = free_port()
        flags = {"drain_listen": f"127.0.0.1:{drain}", "drain_wait_s": WAIT_S}
        edge = Edge(tmp_path_factory.mktemp("edge"), suite.address, flags, arguments=envoy_arguments())
        started.append(edge.__enter__())
        return edge, f"http://127.0.0.1:{drain}{CONTAINER['lifecycle']['preStop']['httpGet']['path']}"

    yield start_edge
    for edge in started:
        edge.stop()


def test_a_rollout_loses_no_call_of_callers_who_go_when_told(start):
    old, hook = start()
    new, _ = start()
    with Balancer() as balancer:
        balancer.port_behind = old.port
        with Callers(balancer.port) as callers:
            old.await_true(lambda: min(callers.calls.values()) > 50, "calls")
            before = callers.connections
            assert before == CALLERS, "each keeps its connection"
            threading.Timer(FORGETS_AFTER_S, setattr, (balancer, "port_behind", new.port)).start()
            begun = time.monotonic()
            # As the kubelet does it: the hook, and when it has been answered the signal.
            with urllib.request.urlopen(hook, timeout=10 * WAIT_S) as answer:
                assert answer.read() == b"drained\n"
            assert time.monotonic() - begun >= WAIT_S
            left = old.stat("http.edge.downstream_cx_active")
            old.process.terminate()
            assert old.process.wait(timeout=5) == 0
            seen = dict(callers.calls)
            new.await_true(lambda: all(callers.calls[kind] > count + 50 for kind, count in seen.items()), "calls of the new one")
    print(f"{callers.calls} calls, {before} connections, then {callers.connections}; {left} left at the signal; {len(callers.failures)} failed")
    assert callers.failures == []
    assert left == 0


def test_without_being_told_callers_lose_calls(start):
    """Why there is a hook: the test above would be worth nothing if this one lost none."""
    old, _ = start()
    new, _ = start()
    with Balancer() as balancer:
        balancer.port_behind = old.port
        with Callers(balancer.port) as callers:
            old.await_true(lambda: min(callers.calls.values()) > 50, "calls")
            balancer.port_behind = new.port
            old.process.terminate()
            assert old.process.wait(timeout=5) == 0
            seen = dict(callers.calls)
            new.await_true(lambda: all(callers.calls[kind] > count + 50 for kind, count in seen.items()), "calls of the new one")
    assert callers.failures


def test_only_a_get_of_that_path_drains(start):
    edge, hook = start()
    requests = [("POST", hook), ("GET", f"{hook}/stats"), ("GET", hook.removesuffix("drain")), ("GET", f"{hook}?graceful")]
    for request in (urllib.request.Request(url, method=method) for method, url in requests):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10 * WAIT_S)
        assert refused.value.code == 404
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=10)
    connection.request("GET", "/livez")
    assert connection.getresponse().headers.get("connection") is None, "who is not sent away keeps the connection"
