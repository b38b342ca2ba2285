"""A machine of our own with Debian 12: systemd runs in it as it does on a real one, in a container of systemd-nspawn."""

import os
import pathlib
import re
import subprocess
import time

from programs.process import PATIENCE_S, ROOT

NAME = "orewatch-host"


class Machine:
    """Boots `root`, a folder. Its own network holds the loopback alone."""

    def __init__(self, root: pathlib.Path, log: pathlib.Path):
        self._root = root
        self._log = log
        self._nspawn = None
        self._init = None

    def __enter__(self) -> "Machine":
        # Two copies of the tree may each have a machine.
        flags = [f"--machine=orewatch-{os.getpid()}", f"--hostname={NAME}", "--register=no", "--keep-unit", "--private-network", "--resolv-conf=off"]
        flags.append("--console=pipe")
        with self._log.open("wb") as log:
            # It ends with the test, however that ends, and the machine with it.
            command = ["setpriv", "--pdeathsig=KILL", "systemd-nspawn", *flags, f"--directory={self._root}", "--boot"]
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.await_that(self._find_init, "the first process")
            self.await_that(lambda: self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded"), "the end of the boot")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._init is not None and self._nspawn.poll() is None:
            subprocess.run(["nsenter", "--target", str(self._init), "--all", "systemctl", "poweroff", "--force", "--force"], check=False, capture_output=True)
        try:
            self._nspawn.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()

    def run(self, script: str, network: bool = False, check: bool = True, timeout_s: float = 600) -> subprocess.CompletedProcess:
        """Runs a script as root in the machine; with `network`, in that of the host, from which packages come."""
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup"] + ([] if network else ["--net"])
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        command = ["nsenter", "--target", str(self._init), *spaces, "/bin/bash", "-eu", "-c", f"cd /root\n{script}"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=timeout_s)
        assert not check or done.returncode == 0, f"exit code {done.returncode} of\n{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def await_true(self, script: str, what: str) -> None:
        self.await_that(lambda: self.run(script, check=False).returncode == 0, what)

    def await_that(self, condition, what: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            assert self._nspawn.poll() is None and time.monotonic() < give_up, f"{what} did not come:\n{self._log.read_text(errors='replace')[-3000:]}"
            time.sleep(0.1)

    def _find_init(self) -> bool:
        """The process that is the first one in there, below that of systemd-nspawn here."""
        below = {self._nspawn.pid}
        for status in sorted(pathlib.Path("/proc").glob("[0-9]*/status"), key=lambda path: int(path.parent.name)):
            try:
                text = status.read_text()
            except OSError:
                continue
            pid, parent = (int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1)) for name in ("Pid", "PPid"))
            if parent in below:
                below.add(pid)
                if re.search(r"^NSpid:\s+\d+\s+1$", text, re.MULTILINE):
                    self._init = pid
                    return True
        return False


def clean_root(packages: tuple) -> pathlib.Path:
    """A root of its own, with further packages. What a run that was killed left of one goes first."""
    base = subprocess.run([ROOT / "tests/programs/debian_root"], check=True, capture_output=True, text=True).stdout.strip()
    root = pathlib.Path(base).with_name("machine")
    subprocess.run(["rm", "-rf", root], check=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", base, root], check=True)
    subprocess.run(["cp", "/etc/resolv.conf", root / "etc/resolv.conf"], check=True)
    # As the installer leaves it.
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {NAME}\n::1 localhost ip6-localhost\n")
    install = "apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends " + " ".join(packages)
    done = subprocess.run(["chroot", root, "/bin/sh", "-c", install], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return root
