"""Somebody who asks the gateway all the time, and some who change the registry."""

import contextlib
import pathlib
import threading

import grpc

BRIEF = "/orewatch.gateway.v1.Gateway/GetMineralBrief"
WHO = "/orewatch.gateway.v1.Gateway/GetCaller"
# Each asks for something else, since the gateway puts equal questions together.
MINERALS = ("gallium", "graphite", "niobium", "magnesium", "bismuth", "tungsten", "germanium", "cobalt")
# GetMineralBriefRequest.sections = SECTION_POLICY_REQUIRED: what is missing fails the call.
REQUIRED = b"\x20\x02"
# At once; the gateway of the installation takes less.
CROWD = 200


def field(number: int, value: bytes) -> bytes:
    """Of a message: a text or another message, of less than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def question(mineral: str) -> bytes:
    """GetMineralBriefRequest.name"""
    return field(1, f"minerals/{mineral}".encode())


# Each writes of another, so that nobody waits for anybody.
COUNTRIES = ("AD", "AE", "AF", "AG", "AL", "AM", "AO", "AR", "AT", "AU", "AZ", "BA", "BB", "BD", "BE", "BF")
UPDATE = "/orewatch.registry.v1.Registry/UpdateCountry"


def renaming(country: str, name: str) -> bytes:
    """UpdateCountryRequest of a display_name, and of nothing else."""
    changed = field(1, f"countries/{country}".encode()) + field(2, name.encode())
    return field(1, changed) + field(2, field(1, b"display_name"))


class Writers:
    """Change the registry as fast as they are answered."""

    def __init__(self, address: str, ca: pathlib.Path):
        self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca.read_bytes()))
        self._call = self._channel.unary_unary(UPDATE, request_serializer=None, response_deserializer=None)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(country,), daemon=True) for country in COUNTRIES]
        # How many changes have been answered. Of each thread, for none counts for another.
        self._written = dict.fromkeys(COUNTRIES, 0)

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def written(self) -> int:
        return sum(self._written.values())

    def _write(self, country: str) -> None:
        while not self._ended.is_set():
            self._call(renaming(country, f"{country} {self._written[country]}"), timeout=60)
            self._written[country] += 1


class Load:
    """Some twenty calls a second, for as long as they are answered at once."""

    def __init__(self, address: str, ca: pathlib.Path):
        self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca.read_bytes()))
        self._call = self._channel.unary_unary(BRIEF, request_serializer=None, response_deserializer=None)
        self._ask_who = self._channel.unary_unary(WHO, request_serializer=None, response_deserializer=None)
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

    def ask_who(self) -> None:
        """What needs nobody else."""
        with contextlib.suppress(grpc.RpcError):
            self._ask_who(b"", timeout=5)

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
