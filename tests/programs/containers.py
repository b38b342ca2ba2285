"""Images of the real Dockerfile on a clean root of Debian, and containers of them, with a storage of their own below build/."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from programs.process import BIN, PATIENCE_S, ROOT

FOLDER = ROOT / "build/containers"
# What counts mounts of one storage must not be another's, of a second copy of the tree.
RUN = pathlib.Path("/run/orewatch-containers") / hashlib.sha256(str(FOLDER).encode()).hexdigest()[:8]
BASE = "localhost/orewatch-test/debian:12"
MOST_LAYERS = 300
# Without a mount of the storage on itself, which outlives the last container, and with which no build folder can be removed.
STORAGE = """[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{run}"
[storage.options.overlay]
skip_mount_home = "true"
"""
# runc, since crun refuses some machines' control groups; limits below the hard ones of a container that tests may run in.
SETTINGS = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{run}/libpod"
[network]
network_backend = "netavark"
"""


def _environment() -> dict:
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = {"CONTAINERS_STORAGE_CONF": ("storage.conf", STORAGE), "CONTAINERS_CONF": ("containers.conf", SETTINGS)}
    for name, text in files.values():
        (FOLDER / name).write_text(text.format(folder=FOLDER, run=RUN))
    return os.environ | {variable: str(FOLDER / name) for variable, (name, _) in files.items()} | {"BUILDAH_ISOLATION": "chroot"}


ENVIRONMENT = _environment()


def run(*command, check: bool = True, timeout_s: float = 600, **more) -> subprocess.CompletedProcess:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=ENVIRONMENT, timeout=timeout_s, **more)
    assert not check or done.returncode == 0, f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done


def podman(*arguments, **more) -> str:
    return run("podman", *arguments, **more).stdout.strip()


def inspect(kind: str, name: str) -> dict:
    return json.loads(podman(kind, "inspect", name))[0]


def mounts() -> list[str]:
    """Where something of ours is still mounted, the innermost first."""
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted((point for point in points if pathlib.Path(point).is_relative_to(FOLDER) or pathlib.Path(point).is_relative_to(RUN)), reverse=True)


def clear() -> None:
    """Ends all containers of this storage, and takes away what was mounted for them: of this run, or of one that was killed."""
    if (FOLDER / "storage").exists():
        run("podman", "pod", "rm", "--all", "--force", "--time=0", check=False)
        run("podman", "rm", "--all", "--force", "--time=0", "--volumes", check=False)
        run("podman", "volume", "rm", "--all", "--force", check=False)
        run("buildah", "rm", "--all", check=False)
        # Layers of earlier commits, once they are many: the first build after that takes a minute longer.
        if len(list((FOLDER / "storage/overlay").glob("*"))) > MOST_LAYERS:
            run("podman", "image", "prune", "--force", check=False)
    for point in mounts():
        subprocess.run(["umount", "--lazy", point], check=False)


@contextlib.contextmanager
def alone():
    """Whoever holds this has the storage to himself, finds it without containers and leaves it so, even where he is told to end."""
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        clear()
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)
            clear()
            assert mounts() == []


def debian() -> str:
    """The image of a clean root of Debian 12."""
    if run("podman", "image", "exists", BASE, check=False).returncode != 0:
        root = run(ROOT / "tests/programs/debian_root").stdout.strip()
        apart = [f"--exclude=./{folder}/*" for folder in ("proc", "sys", "dev")]
        with subprocess.Popen(["tar", "-C", root, *apart, "-c", "."], stdout=subprocess.PIPE) as archive:
            run("podman", "import", "-", BASE, stdin=archive.stdout)
    return BASE


def installed_tree(folder: pathlib.Path) -> pathlib.Path:
    """What `cmake --install` makes of the programs under test."""
    subprocess.run(
        ["cmake", "--install", BIN.parent, "--prefix", "/usr", "--strip"], check=True, stdout=subprocess.DEVNULL, env=os.environ | {"DESTDIR": str(folder)}
    )
    # Of one age, so that the same programs are the same layer in the next run.
    subprocess.run(["find", folder, "-exec", "touch", "--no-dereference", "--date=@0", "{}", "+"], check=True)
    return folder


def build(images: list, tag: str, *arguments, **more) -> None:
    run(ROOT / "scripts/images", "--tool", "buildah", "--base", debian(), "--tag", tag, *arguments, *images, timeout_s=7200, **more)


class Container:
    """A container of an image, as strictly as it can be run; without any network but one that it is given."""

    def __init__(self, image: str, *options, arguments: tuple = (), network: str = "none"):
        strict = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--health-cmd=none"]
        self.id = podman("run", "--detach", f"--network={network}", *strict, *options, image, *arguments)

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, *_) -> None:
        podman("rm", "--force", "--time=0", "--volumes", self.id)

    def state(self) -> dict:
        return inspect("container", self.id)["State"]

    def execute(self, *command) -> subprocess.CompletedProcess:
        return run("podman", "exec", self.id, *command, check=False)

    def await_ready(self, program: str) -> None:
        await_true(lambda: self.execute(program, "--check_ready").returncode == 0 or not self.state()["Running"], f"readiness of {program}", self.log)
        assert self.state()["Running"], self.log()

    def log(self) -> str:
        done = run("podman", "logs", self.id)
        return done.stdout + done.stderr


def await_true(condition, what: str, log) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not come:\n{log()[-3000:]}"


def why_not() -> str:
    """Why this machine lets nobody run a container as strictly as the tests do; empty if it does."""
    with alone():
        done = run("podman", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--memory=64m", debian(), "/bin/true", check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]


if __name__ == "__main__":
    reason = why_not()
    print(reason, file=sys.stderr)
    sys.exit(1 if reason else 0)
