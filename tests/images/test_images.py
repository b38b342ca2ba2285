"""What an image holds, what it may do, and how a container of it lives and dies."""

import contextlib
import json
import os
import pathlib
import re
import stat
import subprocess

import pytest

from conftest import IMAGES, LONG, SERVERS
from programs import containers
from programs.containers import Container, podman
from programs.process import ROOT

UNPROTECTED = ("-e=OREWATCH_ALLOW_UNPROTECTED=true", "-e=OREWATCH_ALLOW_UNPROTECTED_ADMIN=true")
# Bytes in all layers: each may grow by a tenth before somebody has to think about it.
LARGEST = {"registry": 87e6, "risk": 53e6, "alerting": 53e6, "gateway": 52e6, "suite": 98e6, "ctl": 49e6, "edge": 125e6}
NOBODYS = ("bin/sh", "bin/bash", "usr/bin/sh", "usr/bin/env", "usr/bin/dpkg", "usr/bin/apt-get", "usr/bin/perl", "usr/bin/python3", "usr/bin/busybox")


def ctl(built, container: Container, *arguments) -> subprocess.CompletedProcess:
    """orewatchctl from its image, in the network of the container."""
    options = ["--rm", "--read-only", "--cap-drop=ALL", f"--network=container:{container.id}"]
    return containers.run("podman", "run", *options, built.name("ctl"), *arguments, check=False)


def rendered(folder: pathlib.Path) -> pathlib.Path:
    """The configuration of an edge before a suite on the same host, by the names that files have in its image."""
    descriptors = folder / "usr/share/orewatch/orewatch.binpb"
    descriptors.parent.mkdir(parents=True)
    descriptors.touch()
    out = folder / "etc/orewatch/edge"
    (python,) = (ROOT / "build/venv/run/bin").glob("python")
    containers.run(python, ROOT / "deploy/envoy/render", f"--out={out}", f"--descriptors={descriptors}")
    for file in out.iterdir():
        file.write_text(file.read_text().replace(f"{folder}/", "/"))
        file.chmod(0o644)
    return out


@contextlib.contextmanager
def suite(built, *options, arguments=()):
    with Container(built.name("suite"), *UNPROTECTED, *options, arguments=arguments) as container:
        container.await_ready("/usr/bin/orewatch")
        yield container


@pytest.mark.parametrize("image", IMAGES)
def test_holds_nothing_but_what_it_needs(built, image):
    root = built.files(image)
    assert [path for path in NOBODYS if (root / path).exists()] == []
    special, writable = [], []
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        if mode & (stat.S_ISUID | stat.S_ISGID):
            special.append(path)
        if not stat.S_ISLNK(mode) and (mode & stat.S_IWOTH or path.lstat().st_uid == 65532):
            writable.append(str(path.relative_to(root)))
    # /proc, /sys and the like are the engine's.
    assert special == []
    assert writable == (["var/lib/orewatch"] if image in SERVERS else [])
    programs = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and os.access(path, os.X_OK) and ".so" not in path.name]
    assert [str(path.relative_to(root)) for path in programs] == [f"usr/bin/{IMAGES[image]}"]


def test_the_build_sees_what_it_compiles_and_no_secret(stage):
    """Layers of the build are kept and may be handed on: what deploy/compose/setup made, above all, must not be in them."""
    seen = podman("run", "--rm", "--network=none", "--entrypoint=/bin/ls", stage, "/src", "/src/deploy", "/src/scripts").split()
    sources = {"CMakeLists.txt", "CMakePresets.json", "cmake", "common", "data", "proto", "services"}
    assert set(seen) - {"build"} == {*sources, "deploy", "scripts", "envoy", "images", "lib", "/src:", "/src/deploy:", "/src/scripts:"}


@pytest.mark.parametrize("image", IMAGES)
def test_is_small(built, image):
    size = containers.inspect("image", built.name(image))["Size"]
    print(f"{image}: {size / 1e6:.1f} MB")
    assert size < LARGEST[image]


@pytest.mark.parametrize("image", IMAGES)
def test_says_what_it_is(built, image):
    config = containers.inspect("image", built.name(image))["Config"]
    version = re.search(r"project\(orewatch VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    assert labels["version"] == version
    assert labels["revision"] == built.revision
    assert labels["source"] == "https://example.org/orewatch"
    assert labels["licenses"] == "Apache-2.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels["created"])
    assert labels["title"] and labels["description"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == [f"/usr/bin/{IMAGES[image]}"]
    done = containers.run("podman", "run", "--rm", "--network=none", built.name(image), "version" if image == "ctl" else "--version")
    assert image == "edge" or done.stdout.split()[-1] == version


@pytest.mark.parametrize("image", SERVERS)
def test_does_not_serve_others_unprotected_unless_told_to(built, image):
    done = containers.run("podman", "run", "--rm", "--network=none", built.name(image), check=False)
    assert done.returncode == 2
    assert "--allow_unprotected" in done.stderr


def test_runs_as_nobody_and_writes_only_to_its_volume(built, tmp_path):
    tmp_path.chmod(0o755)
    volume = tmp_path / "state"
    volume.mkdir()
    os.chown(volume, 65532, 65532)
    with suite(built, f"--volume={volume}:/var/lib/orewatch") as container:
        status = pathlib.Path(f"/proc/{container.state()['Pid']}/status").read_text()
        assert re.search(r"^Uid:\s+65532\s+65532\s+65532\s+65532$", status, re.MULTILINE)
        assert re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE)
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
        assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)
        mounts = pathlib.Path(f"/proc/{container.state()['Pid']}/mountinfo").read_text()
        assert re.search(r" / / ro,", mounts)
        done = ctl(built, container, "import", "--atomic", "data")
        assert done.returncode == 0, done.stderr
        assert re.search(r"created [1-9]\d+, updated 0, unchanged 0, rejected 0", done.stdout)
        assert "Gallium" in ctl(built, container, "overview").stdout
        # What a program tries to write elsewhere fails and says so; the process that serves is another.
        elsewhere = container.execute("/usr/bin/orewatch", "--data_dir=/usr/share/x", "--address=127.0.0.1:0", "--admin_address=127.0.0.1:0")
        assert elsewhere.returncode == 1
        assert "Read-only file system" in elsewhere.stderr
        # What the engine itself puts there for each container.
        engines = ("/etc", "/run", "/dev", "/proc", "/sys")
        assert [line for line in podman("diff", container.id).splitlines() if not line.split()[1].startswith(engines)] == []
    assert (volume / "registry/registry.db").stat().st_uid == 65532


def test_ends_by_itself_when_it_is_asked_to(built):
    with suite(built) as container:
        assert ctl(built, container, "import", "--atomic", "data").returncode == 0
        # As the first process of its container, which the kernel shields from signals that nobody handles.
        inside = pathlib.Path(f"/proc/{container.state()['Pid']}/status").read_text()
        assert re.search(r"^NSpid:\s+\d+\s+1$", inside, re.MULTILINE)
        podman("stop", "--time=30", container.id)
        state = container.state()
        assert state["ExitCode"] == 0, container.log()[-2000:]
        events = [json.loads(line)["msg"] for line in container.log().splitlines() if line.startswith("{")]
        assert "drained" in events and events[-1] == "stopped"


def test_keeps_what_it_acknowledged_over_a_new_container(built):
    volume = podman("volume", "create")
    try:
        with suite(built, f"--volume={volume}:/var/lib/orewatch") as container:
            assert ctl(built, container, "import", "--atomic", "data").returncode == 0
            before = json.loads(ctl(built, container, "export", "-o", "json").stdout)
        with suite(built, f"--volume={volume}:/var/lib/orewatch") as container:
            assert json.loads(ctl(built, container, "export", "-o", "json").stdout) == before
    finally:
        podman("volume", "rm", "--force", volume)


def test_lives_within_its_memory(built):
    with suite(built, "--memory=256m", "--memory-swap=256m") as container:
        limit = containers.inspect("container", container.id)["HostConfig"]["Memory"]
        assert limit == 256 * 1024 * 1024
        group = re.search(r"memory:(\S+)|^0::(\S+)", pathlib.Path(f"/proc/{container.state()['Pid']}/cgroup").read_text(), re.MULTILINE)
        path = pathlib.Path("/sys/fs/cgroup/memory" if group.group(1) else "/sys/fs/cgroup") / (group.group(1) or group.group(2)).lstrip("/")
        held = path / ("memory.limit_in_bytes" if group.group(1) else "memory.max")
        assert int(held.read_text()) == limit
        assert ctl(built, container, "import", "--atomic", "data").returncode == 0
        assert ctl(built, container, "overview").returncode == 0
        assert not container.state()["OOMKilled"]
    # And one that cannot have what it needs is killed, not the machine.
    with Container(built.name("suite"), *UNPROTECTED, "--memory=8m", "--memory-swap=8m") as container:
        containers.await_true(lambda: not container.state()["Running"], "the end", container.log)
        assert container.state()["ExitCode"] == 137


@pytest.mark.skipif(not LONG, reason="builds everything again: OREWATCH_IMAGES=long")
def test_the_same_commit_gives_the_same_image(built, source):
    containers.build(["gateway"], "again", "--fresh", *source)
    assert containers.inspect("image", "localhost/orewatch/gateway:again")["Id"] == containers.inspect("image", built.name("gateway"))["Id"]


def test_the_edge_serves_rest_before_the_suite(built, tmp_path):
    with suite(built) as container, Container(
        built.name("edge"), f"--volume={rendered(tmp_path)}:/etc/orewatch/edge:ro", network=f"container:{container.id}"
    ) as edge:
        pid = container.state()["Pid"]
        curl = ("nsenter", f"--target={pid}", "--net", "curl", "-sf", "http://127.0.0.1:8080/gateway/v1/overview?limit=3")
        containers.await_true(lambda: containers.run(*curl, check=False).returncode == 0 or not edge.state()["Running"], "an answer", edge.log)
        assert edge.state()["Running"], edge.log()
        assert json.loads(containers.run(*curl).stdout)["criticalList"]
        status = pathlib.Path(f"/proc/{edge.state()['Pid']}/status").read_text()
        assert re.search(r"^Uid:(\s+65532){4}$", status, re.MULTILINE) and re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE)
