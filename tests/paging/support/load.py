"""Somebody who asks the gateway all the time."""

import contextlib
import pathlib
import threading

import grpc

BRIEF = "/orewatch.gateway.v1.Gateway/GetMineralBrief"
# Each asks for something else, since the gateway puts equal questions together.
MINERALS = ("gallium", "graphite", "niobium", "magnesium", "bismuth", "tungsten", "germanium", "cobalt")
# GetMineralBriefRequest.sections = SECTION_POLICY_REQUIRED: what is missing fails the call.
REQUIRED = b"\x20\x02"
# At once; the gateway of the installation takes less.
CROWD = 200


def question(mineral: str) -> bytes:
    """GetMineralBriefRequest.name"""
    name = f"minerals/{mineral}".encode()
    return b"\x0a" + bytes([len(name)]) + name


class Load:
    """Some twenty calls a second, for as long as they are answered at once."""

    def __init__(self, address: str, ca: pathlib.Path):
        self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca.read_bytes()))
        self._call = self._channel.unary_unary(BRIEF, request_serializer=None, response_deserializer=None)
        self._more = b""
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(question(mineral),), daemon=True) for mineral in MINERALS]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    @contextlib.contextmanager
    def demanding(self):
        """As long as it lasts an answer with holes does not do."""
        self._more = REQUIRED
        try:
            yield
        finally:
            self._more = b""

    def _ask(self, question: bytes) -> None:
        while not self._ended.wait(0.4):
            with contextlib.suppress(grpc.RpcError):
                self._call(question + self._more, timeout=5)

    @contextlib.contextmanager
    def in_a_crowd(self):
        """As long as it lasts hundreds ask at once, and wait for their answers."""
        ended = threading.Event()

        def keep_asking() -> None:
            while not ended.wait(0.5):
                asked = [self._call.future(question(MINERALS[n % len(MINERALS)]), timeout=2) for n in range(CROWD)]
                for one in asked:
                    one.exception()

        asking = threading.Thread(target=keep_asking)
        asking.start()
        try:
            yield
        finally:
            ended.set()
            asking.join()
