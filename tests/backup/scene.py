"""The suite over databases that are copied and lost, each put back as docs/operations/backup.md says."""

import contextlib
import csv
import io
import json
import pathlib
import shutil
import sqlite3
import threading

from programs.pages import Page
from programs.postgres import ROLE, Postgres
from programs.process import ROOT
from programs.services import Services, metrics

STORES = ("registry", "risk", "alerting")
# Enough to tell a copy from what came after it.
SOME_WRITES = 6


class Embedded:
    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self.flags = {}
        self.environment = {}

    def query(self, service: str, statement: str) -> str:
        with contextlib.closing(sqlite3.connect(self._folder / service / f"{service}.db")) as connection:
            return str(connection.execute(statement).fetchone()[0])

    def lose(self, service: str) -> None:
        shutil.rmtree(self._folder / service)
        (self._folder / service).mkdir()

    def copy(self, page: Page, service: str) -> None:
        page.run("VACUUM INTO", f"/{service}.db")

    def restore(self, page: Page, service: str) -> None:
        page.run("rm -f", f"/{service}.db-wal")


class InPostgres:
    def __init__(self, postgres: Postgres):
        self._postgres = postgres
        self.flags = {service: {"database": postgres.create(service)} for service in STORES}
        self.environment = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": ROLE}

    def query(self, service: str, statement: str) -> str:
        return self._postgres.sql(statement, service)

    def lose(self, service: str) -> None:
        self._postgres.sql(f"DROP DATABASE {service} WITH (FORCE)")
        self._postgres.create(service)

    def copy(self, page: Page, service: str) -> None:
        page.run("pg_dump", f" {service} ")

    def restore(self, page: Page, service: str) -> None:
        page.run("pg_restore", f" {service} ")


class Scene:
    """The suite with the bundled data, over one kind of database."""

    def __init__(self, services: Services, engine, folder: pathlib.Path):
        self.services = services
        self.engine = engine
        self.folder = folder
        self.page = Page("operations/backup.md", {"/var/lib/orewatch": folder, "/backup": folder / "backup"}, engine.environment)
        self.page.run("install -d")

    def ctl(self, *arguments) -> str:
        done = self.services.ctl(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments) -> dict:
        return json.loads(self.ctl(*arguments, "-o", "json"))

    def rename_tin(self, name: str) -> None:
        file = self.folder / "applied.textproto"
        file.write_text(f'minerals {{ name: "minerals/tin" display_name: "{name}" provenance {{ source: "a test" }} }}')
        self.ctl("apply", "-f", file)

    def restate_tin(self, country: str, tonnes: int) -> None:
        with (ROOT / "data/production.csv").open(newline="") as bundled:
            rows = csv.DictReader(bundled)
            row = next(row for row in rows if (row["mineral"], row["stage"], row["country"]) == ("tin", "mine", country))
        text = io.StringIO()
        writer = csv.DictWriter(text, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row | {"quantity_tonnes": tonnes})
        file = self.folder / country / "production.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.getvalue())
        self.ctl("import", file)

    def revision(self) -> int:
        return int(metrics(self.services["registry"].admin)["orewatch_registry_revision"])

    def restore(self, service: str) -> None:
        """From its copy, after a death that leaves all beside the database that there can be."""
        self.services[service].kill()
        self.engine.restore(self.page, service)


class Load:
    """One writer, each of whose writes is a revision and moves a score, and one reader of everything, until it is left."""

    def __init__(self, scene: Scene):
        self._scene = scene
        self._stop = threading.Event()
        # The figure written by each revision.
        self.tonnes: dict[int, int] = {}
        self.codes: set[int] = set()
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._until_stopped, args=(work,)) for work in (self._write, self._read)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        self.more()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures

    def more(self) -> None:
        """Returns when some more has been written."""
        wanted = len(self.tonnes) + SOME_WRITES
        self._scene.services["gateway"].await_true(lambda: len(self.tonnes) >= wanted or self.failures, "writes")

    def _until_stopped(self, work) -> None:
        try:
            while not self._stop.is_set():
                work()
        except Exception as error:
            self.failures.append(repr(error))

    def _write(self) -> None:
        # Each unlike the one before, and none far from what it was.
        tonnes = 9000 + len(self.tonnes)
        self._scene.restate_tin("AU", tonnes)
        self.tonnes[self._scene.revision()] = tonnes

    def _read(self) -> None:
        self.codes.add(self._scene.services.ctl("overview").returncode)
