"""A real PostgreSQL server of one's own."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from programs.process import Program, free_port

ACCOUNT = "postgres"
ROLE = "orewatch"


def _newest_binaries() -> pathlib.Path:
    return max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


class Postgres(Program):
    """Listens on 127.0.0.1 and believes everybody who says that they are `orewatch`."""

    def __init__(self):
        # It refuses to run as root, and its account cannot look into folders of ours.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="orewatch-pg-"))
        self._bin = _newest_binaries()
        self.port = free_port()
        self._as_account = []
        if os.getuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as_account = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]
        log = self._folder / "log"
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        super().__init__([*self._as_account, self._bin / "postgres", "-D", self._folder / "data", "-p", self.port, *options], log)

    def __enter__(self) -> "Postgres":
        command = [*self._as_account, self._bin / "initdb", "-D", self._folder / "data", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([str(part) for part in [*command, f"--username={ROLE}"]], check=True, stdout=subprocess.DEVNULL)
        self.run()
        return self

    def __exit__(self, *_) -> None:
        self.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self) -> None:
        self.start(self._takes_calls)

    def end(self) -> None:
        """At once; open sessions are ended."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def address(self, database: str = "postgres") -> str:
        return f"postgres://{ROLE}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def create(self, database: str) -> str:
        self.sql(f"CREATE DATABASE {database}")
        return self.address(database)

    def sql(self, statement: str, database: str = "postgres") -> str:
        command = [str(self._bin / "psql"), self.address(database), "-Atqc", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @contextlib.contextmanager
    def holding(self, database: str, statement: str):
        """As long as it lasts somebody's session is idle in a transaction in which it has done this."""
        command = [str(self._bin / "psql"), self.address(database), "-Atq"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            try:
                session.stdin.write(f"BEGIN;\n{statement};\n\\echo done\n")
                session.stdin.flush()
                while (line := session.stdout.readline()) != "done\n":
                    assert line, "the session has ended"
                yield
            finally:
                session.stdin.close()

    def _takes_calls(self) -> bool:
        return subprocess.run([str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0
