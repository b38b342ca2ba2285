"""A program under test: a child process on free ports of the loopback."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("OREWATCH_BIN_DIR", ROOT / "build/release/bin"))
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

    def __init__(self, command: list, log: pathlib.Path, environment: dict | None = None):
        """`environment`: what it has beside ours."""
        self._command = [str(part) for part in command]
        self._environment = environment or {}
        self._log = log
        self.process = None

    def start(self, ready) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, env=os.environ | self._environment)
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

    def kill(self) -> None:
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
