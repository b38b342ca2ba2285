"""Somebody who asks the gateway all the time."""

import contextlib
import pathlib
import threading

import grpc

OVERVIEW = "/orewatch.gateway.v1.Gateway/GetOverview"
# GetOverviewRequest.sections = SECTION_POLICY_REQUIRED: what is missing fails the call.
REQUIRED = b"\x28\x02"


class Load:
    """Ten calls a second or more, each answered before the next is sent."""

    def __init__(self, address: str, ca: pathlib.Path):
        self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca.read_bytes()))
        self._call = self._channel.unary_unary(OVERVIEW, request_serializer=None, response_deserializer=None)
        self._request = b""
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(3)]

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
        self._request = REQUIRED
        try:
            yield
        finally:
            self._request = b""

    def _ask(self) -> None:
        while not self._ended.wait(0.2):
            with contextlib.suppress(grpc.RpcError):
                self._call(self._request, timeout=5)
