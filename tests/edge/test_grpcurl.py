"""grpcurl, as people use it by hand, through TLS and the check of tokens."""

import fcntl
import json
import shutil
import subprocess

import pytest

from programs.contracts import DESCRIPTORS
from programs.process import ROOT

# The last that builds with the Go of Debian 12.
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.8.9"
TOOLS = ROOT / "build/tools"


@pytest.fixture(scope="module")
def grpcurl():
    if shutil.which("go") is None:
        pytest.skip("there is no Go to build grpcurl with")
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (TOOLS / "grpcurl").exists():
            built = subprocess.run(["env", f"GOBIN={TOOLS}", "go", "install", GRPCURL], capture_output=True, text=True)
            if built.returncode != 0:
                pytest.skip(f"grpcurl does not build: {built.stderr[-200:]}")
    return TOOLS / "grpcurl"


@pytest.fixture
def call(grpcurl, edge, issuer):
    def run(method: str, body: dict, token: str | None = None) -> subprocess.CompletedProcess:
        command = [grpcurl, "-cacert", edge.ca, "-protoset", DESCRIPTORS, "-H", f"authorization: Bearer {token or issuer.token()}"]
        command += ["-max-time", "20", "-d", json.dumps(body), edge.address, method]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True)

    return run


def test_a_call(call):
    done = call("orewatch.registry.v1.Registry/GetMineral", {"name": "minerals/cobalt"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "minerals/cobalt"


def test_a_stream(call):
    done = call("orewatch.registry.v1.Registry/Export", {})
    assert done.returncode == 0, done.stderr
    assert '"done": true' in done.stdout


def test_an_error(call):
    done = call("orewatch.registry.v1.Registry/GetMineral", {"name": "minerals/nothing"})
    assert done.returncode == 64 + 5
    assert "NOT_FOUND" in done.stderr


def test_a_token_that_is_no_good(call):
    done = call("orewatch.registry.v1.Registry/GetHead", {}, token="a.b.c")
    assert done.returncode == 64 + 16
