"""Calls that might each leave a series behind if a label held what callers say."""

import random
import urllib.error
import urllib.request

import grpc

from programs.contracts import Contracts

PACKAGES = ("registry", "risk", "alerting", "gateway")
STREAMS_S = 0.05
CALL_S = 2


class Stranger:
    """One caller with ever another name, on a machine of which each process may serve a part of the API."""

    def __init__(self, process, seed: int = 1):
        self._admin = process.admin
        self._channel = grpc.insecure_channel(process.address)
        self._contracts = Contracts()
        self._random = random.Random(seed)
        self._calls = 0
        # What came of them, by code.
        self.codes: dict[grpc.StatusCode, int] = {}

    def __enter__(self) -> "Stranger":
        return self

    def __exit__(self, *_) -> None:
        self._channel.close()

    def call_everything(self, times: int) -> None:
        """Every method there is with garbage, with nothing, and beside it as many that there are not."""
        for _ in range(times):
            for package in PACKAGES:
                service = self._contracts.service(f"orewatch.{package}.v1.{package.capitalize()}")
                for method in service.methods:
                    self._call(f"/{service.full_name}/{method.name}", self._bytes(), method.server_streaming)
                    self._call(f"/{service.full_name}/{method.name}", b"", method.server_streaming)
                    self._call(f"/{service.full_name}/No{self._calls}", b"", False)
                    self._call(f"/no.such.Service{self._calls}/{self._text()}", b"", False)

    def make_things(self, count: int) -> int:
        """Resources and rules of ever another name, words and label. How many were made."""
        made = 0
        for number in range(count):
            word = f"w{number}-{self._random.randrange(10**9)}"
            provenance = {"source": f"source {word}", "licence": word}
            mineral = self._contracts.message("orewatch.registry.v1.Mineral", display_name=word, provenance=provenance)
            create = self._contracts.message("orewatch.registry.v1.CreateMineralRequest", mineral=mineral, mineral_id=word, request_id=word)
            made += self._call("/orewatch.registry.v1.Registry/CreateMineral", create.SerializeToString(), False) == grpc.StatusCode.OK
            rule = self._contracts.message(
                "orewatch.alerting.v1.Rule",
                display_name=word,
                target={"method": 1},
                threshold={"raise": 10 + number, "clear": 5},
                severity=1 + number % 3,
                labels={f"label_{number}": word},
                reason=word,
            )
            create = self._contracts.message("orewatch.alerting.v1.CreateRuleRequest", rule=rule, rule_id=word)
            made += self._call("/orewatch.alerting.v1.Alerting/CreateRule", create.SerializeToString(), False) == grpc.StatusCode.OK
        return made

    def ask_for_pages(self, count: int) -> None:
        for number in range(count):
            try:
                urllib.request.urlopen(f"{self._admin}/page-{number}?{self._text()}", timeout=CALL_S)
            except urllib.error.HTTPError:
                pass

    def _call(self, method: str, request: bytes, streams: bool) -> grpc.StatusCode:
        self._calls += 1
        metadata = [
            ("x-orewatch-principal", f"somebody-{self._calls}"),
            ("traceparent", self._text()),
            (f"x-more-{self._calls}", self._text()),
            ("user-agent", self._text()),
        ]
        plain = {"request_serializer": lambda sent: sent, "response_deserializer": lambda got: got}
        try:
            if streams:
                list(self._channel.unary_stream(method, **plain)(request, timeout=STREAMS_S, metadata=metadata))
            else:
                self._channel.unary_unary(method, **plain)(request, timeout=CALL_S, metadata=metadata)
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = error.code()
        self.codes[code] = self.codes.get(code, 0) + 1
        return code

    def _bytes(self) -> bytes:
        return self._random.randbytes(self._random.randrange(60))

    def _text(self) -> str:
        return f"{self._random.getrandbits(80):020x}"
