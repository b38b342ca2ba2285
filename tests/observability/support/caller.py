"""Somebody who calls the services, and says beforehand what should come of it."""

import threading

import grpc

from programs.contracts import Contracts

REGISTRY, RISK, ALERTING, GATEWAY = (f"orewatch.{name.lower()}.v1.{name}" for name in ("Registry", "Risk", "Alerting", "Gateway"))
SERVICES = ("registry", "risk", "alerting", "gateway")
OK = grpc.StatusCode.OK
# Of who is asked while it restarts.
RESTARTS, AWAY = RISK, (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


class Caller:
    """With one credential; its streams and what came otherwise than it should are kept."""

    def __init__(self, addresses: dict, ca: bytes, metadata: tuple):
        """`addresses`: of the services, by their names. `metadata`: of every call."""
        trusted = grpc.ssl_channel_credentials(ca)
        self._channels = {name: grpc.secure_channel(address, trusted) for name, address in addresses.items()}
        self._metadata = metadata
        self._contracts = Contracts()
        self._lock = threading.Lock()
        self._streams = set()
        self.surprises: list[str] = []

    def close(self) -> None:
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.cancel()
        for channel in self._channels.values():
            channel.close()

    def message(self, type_name: str, /, **fields):
        return self._contracts.message(type_name, **fields)

    def call(self, method: str, /, expected: grpc.StatusCode = OK, timeout: float = 20, **fields):
        """The answer; none where the call ends with another code than OK."""
        try:
            answer, code, details = self._callable(method)(self._request(method, **fields), timeout=timeout, metadata=self._metadata), OK, ""
        except grpc.RpcError as error:
            answer, code, details = None, error.code(), error.details()
        if code is not expected and not (code in AWAY and method.startswith(RESTARTS)):
            self.surprises.append(f"{method}: {code.name} {details}, and not {expected.name}")
        return answer

    def import_rows(self, *rows):
        """The report of rows that are taken one by one, of a file that nobody has."""
        row = f"{REGISTRY.rpartition('.')[0]}.ImportRequest.Row"
        sent = self._request(f"{REGISTRY}/Import", rows=[self.message(row, file="load.csv", line=line, entry=entry) for line, entry in enumerate(rows, 1)])
        return self._callable(f"{REGISTRY}/Import")(iter([sent]), timeout=20, metadata=self._metadata)

    def follow(self, method: str, messages: int = 0) -> int:
        """Reads a stream, until that many have come, and closes it; of 0 until it ends. How many have come."""
        stream = self._callable(method)(self._request(method), metadata=self._metadata)
        with self._lock:
            self._streams.add(stream)
        come = 0
        try:
            for come, _ in enumerate(stream, 1):
                if come == messages:
                    break
        except grpc.RpcError as error:
            # A service ends its streams when it drains.
            if error.code() not in AWAY:
                self.surprises.append(f"{method}: {error.code().name} {error.details()}")
        stream.cancel()
        with self._lock:
            self._streams.discard(stream)
        return come

    def give_up(self, method: str, **fields) -> None:
        """Asks, and wants no answer."""
        self._callable(method).future(self._request(method, **fields), timeout=20, metadata=self._metadata).cancel()

    def _callable(self, method: str):
        return self._contracts.call(self._channels[method.split(".")[1]], method)

    def _request(self, method: str, **fields):
        service, _, name = method.partition("/")
        return self._contracts.message(f"{service.rpartition('.')[0]}.{name}Request", **fields)
