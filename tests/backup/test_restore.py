"""docs/operations/backup.md, as it is written there: each database is copied under load and restored alone, while the others go on."""

import contextlib
import csv
import io
import json
import pathlib
import shutil
import sqlite3
import threading

import pytest

from programs.pages import Page
from programs.postgres import ROLE, Postgres
from programs.process import ROOT
from programs.services import Services, metrics

STORES = ("registry", "risk", "alerting")
# Enough to tell a copy from what came after it.
SOME_WRITES = 6
TIN = ("tin", "--stage=mine", "--method=hhi")


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


@pytest.fixture(params=["sqlite", "postgres"])
def scene(request, tmp_path):
    with contextlib.ExitStack() as stack:
        engine = Embedded(tmp_path) if request.param == "sqlite" else InPostgres(stack.enter_context(Postgres()))
        services = stack.enter_context(Services(tmp_path, flags=engine.flags))
        services.import_bundled_data()
        yield Scene(services, engine, tmp_path)


def tonnes_of_tin(scene: Scene) -> float:
    """What the registry holds of Australia's mines in the year that the score is of."""
    wanted = {"mineral": "minerals/tin", "stage": "STAGE_MINE", "country": "AU"}
    figures = [one for one in scene.json("list", "production")["statistics"] if wanted.items() <= one["production"].items()]
    (figure,) = [one for one in figures if one["dataset"] == "usgs-mcs-2026" and one["year"] == 2024]
    return figure["quantity"]["tonnes"]


def test_the_registry_alone_goes_back_to_an_exact_revision_under_a_new_lineage(scene):
    with Load(scene) as load:
        before = scene.revision()
        scene.engine.copy(scene.page, "registry")
        after = scene.revision()
        load.more()
    scene.rename_tin("Lost")
    scene.services.await_consistent()
    lineage = scene.json("alerts", "list")["revision"]["lineage"]
    scene.restore("registry")
    scene.services["registry"].run()
    kept = scene.revision()
    assert before <= kept <= after
    assert tonnes_of_tin(scene) == load.tonnes[kept]
    assert "Lost" not in scene.ctl("get", "minerals/tin")
    with Load(scene):
        pass
    scene.services.await_consistent()
    assert scene.json("alerts", "list")["revision"]["lineage"] != lineage


def recorded(scene: Scene) -> list:
    """What the score of tin has been, oldest first: revision and value."""
    records = scene.json("score", "history", *TIN, "--oldest_first", "--limit=0")["records"]
    return [(int(record["score"]["changedRevision"]["number"]), record["score"]["value"]) for record in records]


def test_the_score_history_alone_goes_on_behind_its_copy(scene):
    with Load(scene) as load:
        scene.engine.copy(scene.page, "risk")
        load.more()
        before = recorded(scene)
        scene.restore("risk")
        kept = int(scene.engine.query("risk", "SELECT revision FROM position"))
        stopped = scene.revision()
        load.more()
        scene.services["risk"].run()
        load.more()
    scene.services.await_consistent()
    # A part is away, and never all.
    assert load.codes <= {0, 3}
    after = recorded(scene)
    assert kept < max(revision for revision, _ in before)
    assert [record for record in after if record[0] <= kept] == [record for record in before if record[0] <= kept]
    # What changed in between stands there as one change.
    assert not [record for record in after if kept < record[0] < stopped]
    assert after[-1] == (scene.revision(), scene.json("score", *TIN)["scores"][0]["value"])


def firing(scene: Scene) -> list[str]:
    return sorted(alert["name"] for alert in scene.json("alerts", "list", "--state=firing")["alerts"])


def lineage_of_alerts(scene: Scene) -> str:
    return scene.json("alerts", "list")["lineage"]


def test_alerting_alone_finds_its_alerts_again_under_a_new_lineage(scene):
    at_first, lineage = firing(scene), lineage_of_alerts(scene)
    scene.ctl("alerts", "comment", at_first[0], "said before")
    with Load(scene) as load:
        scene.engine.copy(scene.page, "alerting")
        load.more()
        scene.ctl("alerts", "comment", at_first[0], "said after")
        # Nearly one source: more fires than the copy knows.
        scene.restate_tin("CN", 10_000_000)
        scene.services["alerting"].await_true(lambda: set(firing(scene)) > set(at_first), "one more alert")
        before = firing(scene)
        scene.restore("alerting")
        load.more()
        scene.services["alerting"].run()
        load.more()
    scene.services.await_consistent()
    assert load.codes <= {0, 3}
    # What waits may have begun to fire meanwhile.
    assert not set(before) - set(firing(scene))
    assert lineage_of_alerts(scene) != lineage
    said = scene.ctl("alerts", "history", at_first[0])
    assert "said before" in said and "said after" not in said


@pytest.mark.parametrize("scene", ["postgres"], indirect=True)
def test_alerts_that_go_back_unnoticed_are_made_another_history_by_hand(scene):
    lineage = lineage_of_alerts(scene)
    scene.services["alerting"].stop()
    scene.page.run("psql alerting")
    scene.services["alerting"].run()
    scene.services.await_consistent()
    assert lineage_of_alerts(scene) != lineage


def test_a_whole_site_comes_back_from_copies_of_different_moments(scene):
    """docs/operations/disaster_recovery.md: what alerting and risk know of is partly what the registry has lost, and partly what it has not told yet."""
    with Load(scene) as load:
        scene.engine.copy(scene.page, "alerting")
        load.more()
        scene.engine.copy(scene.page, "registry")
        load.more()
        scene.engine.copy(scene.page, "risk")
        load.more()
    for service in scene.services:
        service.kill()
    for service in STORES:
        scene.engine.lose(service)
        scene.engine.restore(scene.page, service)
    for service in scene.services:
        service.run()
    kept = scene.revision()
    assert tonnes_of_tin(scene) == load.tonnes[kept]
    scene.services.await_consistent()
    # Of what the registry has lost nothing is left but in the past of the score.
    assert recorded(scene)[-1][0] <= kept
    with Load(scene):
        pass
    scene.services.await_consistent()
    assert recorded(scene)[-1] == (scene.revision(), scene.json("score", *TIN)["scores"][0]["value"])
