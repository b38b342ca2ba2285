"""A real Alertmanager, as Debian packages it, and who is notified by it."""

import http.server
import json
import pathlib
import threading
import time

import yaml

from programs.process import Program, answers, free_port


class Alertmanager(Program):
    """Routes as `config` says, an alertmanager.yml as a dict."""

    def __init__(self, folder: pathlib.Path, config: dict, port: int | None = None, cluster: bool = False):
        """`cluster`: it is the first of one, and waits for nobody."""
        gossip = f"127.0.0.1:{free_port()}" if cluster else ""
        of_cluster = [f"--cluster.advertise-address={gossip}", "--cluster.settle-timeout=1s"] if cluster else []
        self.address = f"127.0.0.1:{port or free_port()}"
        self.url = f"http://{self.address}"
        file = folder / "alertmanager.yml"
        file.write_text(yaml.safe_dump(config))
        super().__init__(
            [
                "prometheus-alertmanager",
                f"--config.file={file}",
                f"--storage.path={folder}/alertmanager",
                f"--web.listen-address={self.address}",
                f"--cluster.listen-address={gossip}",
                *of_cluster,
            ],
            folder / "alertmanager.log",
        )

    def __enter__(self) -> "Alertmanager":
        self.start(lambda: answers(f"{self.url}/-/ready"))
        return self

    def __exit__(self, *_) -> None:
        self.stop()


class Pager:
    """The receiver of a webhook of Alertmanager: keeps every alert that it is told of, and in `told_at` when."""

    def __init__(self):
        self._told = []
        self._changed = threading.Condition()
        pager = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with pager._changed:
                    pager._told += [one | {"told_at": time.monotonic()} for one in body["alerts"]]
                    pager._changed.notify_all()
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Pager":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    def told(self) -> list[dict]:
        with self._changed:
            return list(self._told)

    def firing(self) -> list[dict]:
        """The labels of what it was told of and not yet of its end."""
        with self._changed:
            last = {json.dumps(one["labels"], sort_keys=True): one for one in self._told}
        return [one["labels"] for one in last.values() if one["status"] == "firing"]

    def await_alert(self, name: str, status: str = "firing", timeout_s: float = 60, after: int = 0, labels: dict | None = None) -> dict:
        """The first alert of that name, labels and status, once it has been told; the `after` that were told first do not count."""
        wanted = {"alertname": name} | (labels or {})

        def found():
            return next((one for one in self._told[after:] if one["status"] == status and wanted.items() <= one["labels"].items()), None)

        with self._changed:
            self._changed.wait_for(found, timeout_s)
            alert = found()
            told = sorted({(one["labels"]["alertname"], one["status"]) for one in self._told[after:]})
            assert alert, f"nobody was told that {name} {labels or ''} is {status}; told: {told}"
            return alert
