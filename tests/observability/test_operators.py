"""What operators hold in their hands: the log and the admin port, as a terminal and curl meet them."""

import contextlib
import os
import subprocess
import urllib.request

import grpc
import pytest

from programs.process import BIN, Program, answers, free_port

# 64 KiB in the pipe and 4,096 lines that wait, each of 400 bytes, are fewer.
MANY_CALLS = 6000
READY = "/grpc.health.v1.Health/Check"
NOTHING = "/orewatch.registry.v1.Registry/GetMineral"


class Registry(Program):
    def __init__(self, folder, *flags):
        self.port, admin = free_port(), free_port()
        self.admin = f"http://127.0.0.1:{admin}"
        command = [BIN / "orewatch-registry", f"--data_dir={folder}/data", f"--address=127.0.0.1:{self.port}", f"--admin_address=127.0.0.1:{admin}"]
        super().__init__([*command, "--drain_settle=0s", *flags], folder / "registry.log")

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.admin}{path}", timeout=5) as answer:
            return answer.read().decode()

    def metric(self, name: str) -> float:
        return next(float(line.split(" ")[1]) for line in self.page("/metrics").splitlines() if line.startswith(f"{name} "))

    def call(self, channel, method: str) -> grpc.StatusCode:
        try:
            channel.unary_unary(method)(b"", timeout=10)
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK


class Stalled(Registry):
    """Nobody reads what it says."""

    @contextlib.contextmanager
    def running(self):
        self.reader, writer = os.pipe()
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=writer)
        os.close(writer)
        try:
            self.await_true(lambda: answers(f"{self.admin}/readyz"), "readiness")
            yield self
        finally:
            self.stop()
            os.close(self.reader)

    def log(self) -> str:
        return "(nobody reads it)"


@pytest.fixture
def registry(tmp_path):
    program = Registry(tmp_path)
    program.start(lambda: answers(f"{program.admin}/readyz"))
    yield program
    program.stop()


def test_a_log_that_nobody_reads_stalls_no_call(tmp_path):
    with Stalled(tmp_path, "--log_calls=all").running() as registry, grpc.insecure_channel(f"127.0.0.1:{registry.port}") as channel:
        codes = {registry.call(channel, NOTHING) for _ in range(MANY_CALLS)}
        assert grpc.StatusCode.DEADLINE_EXCEEDED not in codes
        assert registry.call(channel, READY) == grpc.StatusCode.OK
        assert registry.metric("orewatch_log_dropped_total") > 0
        # It also ends, though its last lines find no place.
        registry.process.terminate()
        assert registry.process.wait(timeout=20) == 0


def test_a_process_that_cannot_serve_says_why_last(tmp_path):
    flags = [f"--data_dir={tmp_path}/data", "--address=192.0.2.1:7101", "--allow_unprotected"]
    run = subprocess.run([BIN / "orewatch-registry", *flags], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("error: cannot listen on 192.0.2.1:7101")


def test_curl_changes_the_level_of_the_log(registry):
    """As the pages of operations say, without a body."""
    run = subprocess.run(["curl", "-sS", "-f", "-X", "POST", f"{registry.admin}/loglevel?level=debug"], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "debug\n", "")
    assert registry.page("/loglevel") == "debug\n"
    assert '"log level changed"' in registry.log()


def test_who_is_refused_again_and_again_fills_no_log(tmp_path):
    access = tmp_path / "access.textproto"
    access.write_text("")
    registry = Registry(tmp_path, f"--access_file={access}")
    registry.start(lambda: answers(f"{registry.admin}/readyz"))
    try:
        with grpc.insecure_channel(f"127.0.0.1:{registry.port}") as channel:
            assert {registry.call(channel, NOTHING) for _ in range(2000)} == {grpc.StatusCode.UNAUTHENTICATED}
    finally:
        registry.stop()
    lines = [line for line in registry.log().splitlines() if '"code":"Unauthenticated"' in line]
    # However long it took.
    assert len(lines) < 200
    assert any('"rpc: more like it"' in line for line in lines)
