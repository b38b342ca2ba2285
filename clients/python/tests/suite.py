"""A server as an operator runs it: the real binary, with ports and databases of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import grpc

from orewatch_client import connection

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "clients" / "testdata"
BINARIES = Path(os.environ.get("OREWATCH_BIN_DIR", ROOT / "build" / "release" / "bin"))
PATIENCE_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(what: str, happened: Callable[[], object]) -> None:
    """Waits for what must happen."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < give_up, f"{what} did not happen within {PATIENCE_SECONDS} s"
        # Polls a condition; nothing depends on how long this is.
        time.sleep(0.02)


class Server:
    """One binary. Its port stays the same over restarts."""

    def __init__(self, binary: str, folder: Path, flags: Sequence[str], ca: Path | None = None) -> None:
        self._binary = binary
        self._folder = folder
        self._flags = flags
        self._admin_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.ca = ca
        self.address = f"127.0.0.1:{free_port()}"

    def start(self, address: str = "") -> None:
        """At another address than usual, if one is given."""
        # Nobody looks at readiness here before a stop.
        command = [
            str(BINARIES / self._binary),
            *self._flags,
            "--drain_settle=0s",
            f"--admin_address=127.0.0.1:{self._admin_port}",
        ]
        with (self._folder / f"{self._binary}.log").open("ab") as log:
            self._process = subprocess.Popen([*command, f"--address={address or self.address}"], stderr=log)
        try:
            eventually(f"readiness of {self._binary} ({log.name})", self._is_ready)
        except AssertionError:
            self._process.kill()
            raise

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            assert self._process.wait(PATIENCE_SECONDS) == 0
            self._process = None

    def connect(self, principal: str | None = None, deadline_seconds: float = PATIENCE_SECONDS) -> grpc.Channel:
        options = connection.Options(self.address, ca=self.ca, principal=principal, deadline_seconds=deadline_seconds)
        return connection.connect(options)

    def metric(self, name: str) -> str | None:
        page = self._admin_page("metrics") or ""
        return next((line.split()[1] for line in page.splitlines() if line.startswith(f"{name} ")), None)

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, f"{self._binary} stopped; its log is in {self._folder}"
        return self._admin_page("readyz") is not None

    def _admin_page(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._admin_port}/{path}") as page:
                body: bytes = page.read()
                return body.decode()
        except (urllib.error.URLError, ConnectionError):
            return None


def make_suite(folder: Path, *flags: str) -> Server:
    """All four services in one process, started, without data."""
    server = Server("orewatch", folder, [f"--data_dir={folder}", f"--default_rules={DATA / 'rules.textproto'}", *flags])
    server.start()
    return server


def import_fixture(server: Server) -> None:
    """The entries of testdata/registry, and waits until they have been evaluated."""
    ctl = str(BINARIES / "orewatchctl")
    subprocess.run(
        [ctl, "--address", server.address, "import", "--atomic", str(DATA / "registry")],
        check=True,
        capture_output=True,
    )
    eventually("evaluation", lambda: _caught_up(server))


def _caught_up(server: Server) -> bool:
    return server.metric("orewatch_registry_revision") == server.metric("orewatch_alerting_applied_revision")


def run_example(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end."""
    return subprocess.run(command_of(name, *arguments), capture_output=True, text=True, timeout=60, env=environment())


def command_of(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "clients" / "python" / f"{name}.py"), *map(str, arguments)]


def environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
