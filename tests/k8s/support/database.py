"""A real PostgreSQL, made as the Cluster and the Databases of the manifests ask for: TLS, a role and a database for each service, passwords."""

import os
import pathlib
import shutil
import subprocess
import time

from programs.process import PATIENCE_S
from support.installation import Installation

BINARIES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=pathlib.Path("/usr/bin"))
# The rules of a Cluster stand between these two of its operator; nobody comes in over the network without TLS and a password.
FIRST, LAST = "local all all trust", "hostssl all all 127.0.0.1/32 scram-sha-256"


class Database:
    def __init__(self, folder: pathlib.Path, cluster: dict, databases: list, installation: Installation):
        self._folder = folder / "postgres"
        self._spec = cluster["spec"]
        self._databases = [database["spec"] for database in databases]
        self._installation = installation
        self._server = None

    def _as_postgres(self, *command) -> list:
        return ["runuser", "-u", "postgres", "--", *(str(part) for part in command)] if os.geteuid() == 0 else [str(part) for part in command]

    def __enter__(self) -> "Database":
        self._folder.mkdir()
        shutil.chown(self._folder, "postgres")
        data = self._folder / "data"
        make = self._as_postgres(BINARIES / "initdb", "-D", data, "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        for name, content in self._installation.postgres_authority.issue(["orewatch-postgres-rw"]).items():
            (data / name).write_bytes(content)
            (data / name).chmod(0o600)
            shutil.chown(data / name, "postgres")
        rules = [FIRST, *self._spec["postgresql"].get("pg_hba", []), LAST]
        (data / "pg_hba.conf").write_text("\n".join(rules) + "\n")
        settings = {"ssl": "on", "ssl_cert_file": "tls.crt", "ssl_key_file": "tls.key"}
        settings |= {"unix_socket_directories": self._folder, "listen_addresses": "127.0.0.1"}
        settings |= {"max_connections": self._spec["postgresql"]["parameters"]["max_connections"], "fsync": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(self._as_postgres(BINARIES / "postgres", "-D", data, *flags), stdout=log, stderr=log)
        give_up = time.monotonic() + PATIENCE_S
        while subprocess.run(self._as_postgres(BINARIES / "pg_isready", "-q", "-h", self._folder)).returncode != 0:
            assert self._server.poll() is None and time.monotonic() < give_up, (self._folder / "log").read_text()
        self._make()
        return self

    def __exit__(self, *_) -> None:
        self._server.terminate()
        self._server.wait(timeout=PATIENCE_S)

    def _make(self) -> None:
        first = self._spec["bootstrap"]["initdb"]
        roles = {first["owner"], *(role["name"] for role in self._spec["managed"]["roles"])}
        for role in sorted(roles):
            self.run(f"CREATE ROLE {role} LOGIN PASSWORD '{self._installation.passwords[role]}'")
        for name, owner in [(first["database"], first["owner"]), *((one["name"], one["owner"]) for one in self._databases)]:
            self.run(f"CREATE DATABASE {name} OWNER {owner} ENCODING UTF8")

    def run(self, sql: str, database: str = "postgres") -> str:
        command = self._as_postgres(BINARIES / "psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", self._folder, "-d", database, "-c", sql)
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
