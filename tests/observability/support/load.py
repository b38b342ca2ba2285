"""What users do, good and bad, for as long as it is asked for."""

import pathlib
import threading

import grpc

from programs.contracts import Contracts
from programs.services import Services

REGISTRY, RISK, ALERTING, GATEWAY = (f"orewatch.{name.lower()}.v1.{name}" for name in ("Registry", "Risk", "Alerting", "Gateway"))


class Load:
    """Calls all four services from one thread, with streams open beside it, between `with` and its end."""

    def __init__(self, services: Services, folder: pathlib.Path):
        self._services = services
        self._folder = folder
        self._contracts = Contracts()
        self._channels = {name: grpc.insecure_channel(services[name].address) for name in ("registry", "risk", "alerting", "gateway")}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._streams = []

    def __enter__(self) -> "Load":
        for method in (f"{GATEWAY}/WatchFeed", f"{REGISTRY}/Watch", f"{RISK}/WatchScores", f"{ALERTING}/WatchAlerts"):
            self._streams.append(self._callable(method)(self._request(method)))
            threading.Thread(target=self._drain, args=(self._streams[-1],), daemon=True).start()
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()
        for stream in self._streams:
            stream.cancel()
        for channel in self._channels.values():
            channel.close()

    def _callable(self, method: str):
        return self._contracts.call(self._channels[method.split(".")[1]], method)

    def _request(self, method: str, **fields):
        service, _, name = method.partition("/")
        return self._contracts.message(f"{service.rpartition('.')[0]}.{name}Request", **fields)

    def _call(self, method: str, /, timeout: float = 10, **fields):
        """The answer; none where it is refused, which some should be."""
        try:
            return self._callable(method)(self._request(method, **fields), timeout=timeout)
        except grpc.RpcError:
            return None

    @staticmethod
    def _drain(stream) -> None:
        try:
            for _ in stream:
                pass
        except grpc.RpcError:
            pass

    def _run(self) -> None:
        turn = 0
        while not self._over.wait(0.02):
            turn += 1
            self._read()
            self._write(turn)
            self._mistake(turn)
            if turn % 40 == 1:
                self._services.ctl("import", "--atomic", self._folder)

    def _read(self) -> None:
        self._call(f"{GATEWAY}/GetOverview")
        self._call(f"{GATEWAY}/GetMineralBrief", name="minerals/cobalt")
        self._call(f"{GATEWAY}/Search", query="cobalt")
        self._call(f"{RISK}/ListScores", page_size=20)
        self._call(f"{ALERTING}/ListAlerts", page_size=20)
        self._call(f"{REGISTRY}/GetMineral", name="minerals/cobalt")

    def _write(self, turn: int) -> None:
        """Makes a mineral, makes it once more, changes it, changes it by what it no longer is, and ends it."""
        mineral = self._contracts.message("orewatch.registry.v1.Mineral", display_name=f"Sample {turn}", kind=2)
        for _ in range(2):
            self._call(f"{REGISTRY}/CreateMineral", mineral=mineral, mineral_id=f"sample-{turn}", request_id=f"load-{turn}")
        made = self._call(f"{REGISTRY}/GetMineral", name=f"minerals/sample-{turn}")
        if made is None:
            return
        for text in ("changed", "changed too late"):
            made.display_name = text
            self._call(f"{REGISTRY}/UpdateMineral", mineral=made)
        self._call(f"{REGISTRY}/DeleteMineral", name=made.name)
        if turn % 2:
            self._call(f"{REGISTRY}/UndeleteMineral", name=made.name)

    def _mistake(self, turn: int) -> None:
        self._call(f"{REGISTRY}/GetMineral", name="minerals/nothing")
        self._call(f"{REGISTRY}/ListMinerals", page_token="nonsense")
        self._call(f"{RISK}/ListScores", page_size=-1)
        self._call(f"{GATEWAY}/GetOverview", timeout=0.0005)
        self._callable(f"{RISK}/ListScores").future(self._request(f"{RISK}/ListScores"), timeout=10).cancel()
