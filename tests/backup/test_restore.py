"""Each database restored alone, as docs/operations/backup.md says, while the others go on."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import threading

import pytest

from programs.process import ROOT
from programs.services import Services, metrics

PAGE = (ROOT / "docs/operations/backup.md").read_text()


@pytest.fixture
def services(tmp_path):
    with Services(tmp_path) as started:
        started.import_bundled_data()
        yield started


def database(folder: pathlib.Path, service: str) -> pathlib.Path:
    return folder / service / f"{service}.db"


def copy(folder: pathlib.Path, service: str) -> pathlib.Path:
    """The documented way, while the service runs."""
    assert f"{service}.db \"VACUUM INTO" in PAGE
    to = folder / f"{service}-copy.db"
    with contextlib.closing(sqlite3.connect(database(folder, service))) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))
    return to


def restore(folder: pathlib.Path, service: str, copied: pathlib.Path) -> None:
    live = database(folder, service)
    for ending in ("-wal", "-shm"):
        live.with_name(live.name + ending).unlink(missing_ok=True)
    shutil.copyfile(copied, live)


def ctl(services: Services, *arguments) -> str:
    done = services.ctl(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def apply(services: Services, folder: pathlib.Path, text: str) -> None:
    file = folder / "applied.textproto"
    file.write_text(text)
    ctl(services, "apply", "-f", file)


def rename_tin(services: Services, folder: pathlib.Path, name: str) -> None:
    apply(services, folder, f'minerals {{ name: "minerals/tin" display_name: "{name}" provenance {{ source: "a test" }} }}')


def caught_up(services: Services) -> bool:
    revision = metrics(services["registry"].admin)["orewatch_registry_revision"]
    risk, alerting = metrics(services["risk"].admin), metrics(services["alerting"].admin)
    followers = (risk["orewatch_risk_applied_revision"], risk["orewatch_risk_history_revision"], alerting["orewatch_alerting_applied_revision"])
    return all(follower == revision for follower in followers)


def await_consistent(services: Services) -> None:
    """Until all are at the same revision of the same history: orewatchctl says so by exit code 0."""
    services["alerting"].await_true(lambda: caught_up(services), "the same revision everywhere")
    services["alerting"].await_true(lambda: services.ctl("overview").returncode == 0, "an overview with all sections")


def test_the_registry_alone_goes_back_under_a_new_lineage(services, tmp_path):
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            rename_tin(services, tmp_path, f"Tin {number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copied = copy(tmp_path, "registry")
    finally:
        stop.set()
        writer.join()
    rename_tin(services, tmp_path, "Lost")
    await_consistent(services)
    services["registry"].stop()
    restore(tmp_path, "registry", copied)
    with contextlib.closing(sqlite3.connect(copied)) as connection:
        kept = connection.execute("SELECT max(revision) FROM change_sets").fetchone()[0]
    services["registry"].run()
    assert int(metrics(services["registry"].admin)["orewatch_registry_revision"]) == kept
    assert "Lost" not in ctl(services, "get", "minerals/tin")
    await_consistent(services)
    rename_tin(services, tmp_path, "Tin again")
    await_consistent(services)


def values(services: Services) -> list:
    """Of all scores, whatever revision they are of."""
    return [(score["key"], score.get("value")) for score in json.loads(ctl(services, "list", "scores", "-o", "json"))["scores"]]


def test_the_score_history_alone_goes_on_behind_its_copy(services, tmp_path):
    copied = copy(tmp_path, "risk")
    before = values(services)
    rename_tin(services, tmp_path, "Tin of later")
    await_consistent(services)
    services["risk"].stop()
    restore(tmp_path, "risk", copied)
    services["risk"].run()
    await_consistent(services)
    assert values(services) == before
    assert ctl(services, "score", "tin", "--stage=mine", "--method=hhi")


def lineage_of_alerts(folder: pathlib.Path) -> str:
    return (folder / "alerting/alerting.db.history").read_text().split()[0]


def firing(services: Services) -> list[str]:
    return sorted(alert["name"] for alert in json.loads(ctl(services, "alerts", "list", "--state=firing", "-o", "json"))["alerts"])


def test_alerting_alone_finds_its_alerts_again_under_a_new_lineage(services, tmp_path):
    copied = copy(tmp_path, "alerting")
    await_consistent(services)
    before, lineage = firing(services), lineage_of_alerts(tmp_path)
    assert before
    rename_tin(services, tmp_path, "Tin of later")
    await_consistent(services)
    services["alerting"].stop()
    restore(tmp_path, "alerting", copied)
    services["alerting"].run()
    await_consistent(services)
    assert firing(services) == before
    assert lineage_of_alerts(tmp_path) != lineage
