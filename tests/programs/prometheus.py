"""A real Prometheus, as Debian packages it."""

import json
import pathlib
import urllib.error
import urllib.parse
import urllib.request

import yaml

from programs.process import Program, answers, as_flags, free_port


class Prometheus(Program):
    """Scrapes and evaluates as `config` says, a prometheus.yml as a dict."""

    def __init__(self, folder: pathlib.Path, config: dict, flags: dict | None = None, port: int | None = None):
        self.address = f"127.0.0.1:{port or free_port()}"
        self.url = f"http://{self.address}"
        self._file = folder / "prometheus.yml"
        self._file.write_text(yaml.safe_dump(config))
        own = {"config.file": self._file, "storage.tsdb.path": folder / "tsdb", "web.listen-address": self.address}
        super().__init__(["prometheus", "--web.enable-lifecycle", *as_flags(own | (flags or {}))], folder / "prometheus.log")

    def __enter__(self) -> "Prometheus":
        self.start(lambda: answers(f"{self.url}/-/ready"))
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def reload(self, config: dict) -> None:
        """From now on it does as `config` says."""
        self._file.write_text(yaml.safe_dump(config))
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/-/reload", method="POST"), timeout=30):
            pass

    def get(self, path: str, **parameters) -> dict:
        """The `data` of an answer of its API; raises what it says is wrong."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode(errors='replace')}") from error

    def query(self, expression: str) -> list[dict]:
        """The samples of an instant query, each with `metric` and `value`."""
        return self.get("query", query=expression)["result"]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict]:
        """The series of a range query, each with `metric` and `values`."""
        return self.get("query_range", query=expression, start=start, end=end, step=step)["result"]

    def alerts(self) -> list[dict]:
        return self.get("alerts")["alerts"]
