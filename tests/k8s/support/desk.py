"""Where somebody follows docs/operations/kubernetes.md: a folder with a checkout and an overlay of an installation, kubectl, and a cluster of a
kind. In the pods of PostgreSQL commands run against real servers, in that of the audit log against a folder."""

import contextlib
import os
import pathlib
import shutil
import subprocess

import yaml

from programs.kubectl import kubectl
from programs.postgres import Postgres
from programs.process import BIN, PATIENCE_S
from support.api_server import ApiServer, Objects
from support.controllers import Controllers
from support.page import environment

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "here",
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "users": [{"name": "me", "user": {}}],
}


class Servers:
    """A real PostgreSQL for each Cluster, with the roles that its operator makes and an archive that takes everything."""

    def __init__(self, *clusters: str):
        self._clusters = clusters
        self._entered = contextlib.ExitStack()
        self.of = {}

    def __enter__(self) -> "Servers":
        for cluster in self._clusters:
            server = self.of[cluster] = self._entered.enter_context(Postgres())
            for role in ("registry", "risk", "alerting"):
                server.sql(f"CREATE ROLE {role} LOGIN")
                server.sql(f"CREATE DATABASE {role} OWNER {role} TEMPLATE template0 ENCODING UTF8 LC_COLLATE 'C' LC_CTYPE 'C'")
            server.sql("ALTER SYSTEM SET archive_mode = on")
            server.sql("ALTER SYSTEM SET archive_command = '/bin/true'")
            server.end()
            server.run()
        return self

    def __exit__(self, *_) -> None:
        self._entered.close()


class Desk:
    def __init__(self, folder: pathlib.Path, servers: Servers | None = None, objects: Objects | None = None, failing: tuple = ()):
        """`folder`: with `site` and `orewatch` in it. `objects`: what is in the cluster already."""
        self.folder = folder
        self.volume = folder / "volume"
        self.volume.mkdir(exist_ok=True)
        self._servers = servers
        self.controllers = Controllers(failing)
        self.server = ApiServer(self.controllers, self._run_in_pod, objects.copied() if objects else None)
        for name, program in (("kubectl", kubectl()), ("orewatchctl", BIN / "orewatchctl")):
            (folder / "bin").mkdir(exist_ok=True)
            (folder / "bin" / name).unlink(missing_ok=True)
            (folder / "bin" / name).symlink_to(program)

    def __enter__(self) -> "Desk":
        self.server.__enter__()
        config = KUBECONFIG | {"clusters": [{"name": "here", "cluster": {"server": self.server.address}}]}
        (self.folder / "kubeconfig").write_text(yaml.safe_dump(config))
        return self

    def __exit__(self, *_) -> None:
        self.server.__exit__()

    @property
    def objects(self) -> Objects:
        return self.server.objects

    def run(self, commands: str, *flags: str) -> subprocess.CompletedProcess:
        """As a shell reads them that somebody has pasted them into; with -e it ends with the first that fails."""
        # kubectl remembers in its home what a server has.
        home = self.folder / f"home-{self.server.server_address[1]}"
        home.mkdir(exist_ok=True)
        given = environment(self.folder) | {"KUBECONFIG": str(self.folder / "kubeconfig"), "HOME": str(home)}
        return subprocess.run(["bash", *flags, "-c", commands], cwd=self.folder, env=given, capture_output=True, text=True, timeout=5 * PATIENCE_S)

    def done(self, commands: str) -> str:
        done = self.run(commands, "-euo", "pipefail")
        assert done.returncode == 0, f"{done.stderr}\n{done.stdout}\nrefused: {self.server.refusals[-3:]}"
        return done.stdout

    def replicas(self) -> dict:
        return {one["metadata"]["name"]: one["spec"]["replicas"] for one in self.objects.of("Deployment")}

    def _run_in_pod(self, pod: dict, container: str, command: list, typed: bytes) -> subprocess.CompletedProcess:
        cluster = pod["metadata"].get("labels", {}).get("cnpg.io/cluster")
        if container and container not in [one["name"] for one in pod["spec"]["containers"]]:
            return subprocess.CompletedProcess(command, 1, b"", f"container {container} not found".encode())
        given = dict(os.environ)
        if cluster:
            given |= {"PGHOST": "127.0.0.1", "PGPORT": str(self._servers.of[cluster].port), "PGUSER": "orewatch", "PGDATABASE": "postgres"}
        command = [part.replace("/var/log/orewatch", str(self.volume)) for part in command]
        if shutil.which(command[0]) is None:
            return subprocess.CompletedProcess(command, 127, b"", f"{command[0]}: not found".encode())
        return subprocess.run(command, input=typed, capture_output=True, env=given, timeout=PATIENCE_S)
