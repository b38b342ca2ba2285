"""docs/operations/images.md on copies, restores and updates of the composition, typed as it stands: PostgreSQL and its programs are real, and what the engine
of containers would do but for them is written down."""

import os
import pathlib
import re
import subprocess

import pytest
import yaml

from programs.pages import Page
from programs.postgres import Postgres
from programs.process import BIN, ROOT

COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
STORES = ("registry", "risk", "alerting")
DOCKER = """#!/bin/bash
set -eu
[ "$1 $2 $3" = "compose -f deploy/compose.yaml" ]
shift 3
case "$*" in
  "exec -T postgres "*) shift 3; exec "$@" ;;
  "run --rm --no-deps -T "*" --migrate") exec "$BIN/orewatch-$5" --migrate "--database=postgres://$5@127.0.0.1:$PGPORT/$5" ;;
  *) echo "$*" >>"$ASKED" ;;
esac
"""


class Machine:
    """With a shell in a copy of the tree's deploy/, whose `docker` leads to a PostgreSQL that has read deploy/compose/databases.sh."""

    def __init__(self, postgres: Postgres, folder: pathlib.Path):
        self.postgres = postgres
        self.folder = folder
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, text in (("docker", DOCKER), ("sudo", '#!/bin/bash\necho "sudo $*" >>"$ASKED"\n')):
            (self._programs / name).write_text(text)
            (self._programs / name).chmod(0o755)
        for name in ("backup", "deploy/compose/generated"):
            (folder / name).mkdir(parents=True)
        (folder / "deploy/compose/access.textproto").write_text("")
        (folder / "deploy/compose/generated/secret").write_text("")
        self._environment = {
            "PATH": f"{self._programs}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres.port),
            "ASKED": str(folder / "asked"),
            "BIN": str(BIN),
        }
        self._make_databases()

    def _make_databases(self) -> None:
        self.postgres.sql("CREATE ROLE postgres SUPERUSER LOGIN")
        for name in STORES:
            (self.folder / f"{name}_password").write_text("a password")
        script = (ROOT / "deploy/compose/databases.sh").read_text().replace("/run/secrets", str(self.folder))
        subprocess.run(["bash", "-c", script], env=os.environ | self._environment | {"POSTGRES_USER": "postgres"}, check=True, stdout=subprocess.DEVNULL)

    def type(self, *words: str, instead: tuple[str, str] | None = None) -> str:
        """The block of the page that has all of these words."""
        page = Page("operations/images.md", {"/backup": self.folder / "backup"}, self._environment, self.folder)
        return page.run(*words, instead=instead)

    def migrate(self) -> str:
        return self.type("--migrate")

    def asked(self) -> list[str]:
        """Of the engine since the last time."""
        file = self.folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def restore(self, name: str) -> None:
        self.type("DROP SCHEMA", instead=("database=registry", f"database={name}"))


@pytest.fixture
def machine(tmp_path):
    with Postgres() as postgres:
        yield Machine(postgres, tmp_path)


def test_an_update_makes_the_tables_first_and_then_replaces_callers_after_whom_they_call(machine):
    said = machine.migrate()
    assert [line.split(":")[0] for line in said.splitlines()] == list(STORES)
    assert machine.asked() == ["sudo deploy/compose/setup"]
    machine.type("restart edge")
    replaced = [f"up -d --wait --no-deps {name}" for name in (*STORES, "gateway")]
    assert machine.asked() == [*replaced, "up -d --wait", "restart edge", "run --rm -T ctl overview"]


def test_a_service_is_run_by_what_the_page_types(machine):
    """The program is what the image starts, so that a flag alone can follow its name."""
    for name in STORES:
        assert "command" not in COMPOSE["services"][name] and "entrypoint" not in COMPOSE["services"][name]
    entries = re.findall(r'^ENTRYPOINT \["/usr/bin/orewatch-(\w+)"\]', (ROOT / "deploy/images/Dockerfile").read_text(), re.MULTILINE)
    assert set(STORES) <= set(entries)


@pytest.mark.parametrize("name", STORES)
def test_a_database_comes_back_as_it_was_and_belongs_to_its_role(machine, name):
    machine.migrate()
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_database()"
    before = machine.postgres.sql(tables, name)
    assert int(before) > 0
    machine.type("pg_dump", "tar -C")
    assert (machine.folder / "backup/secrets.tar.gz").stat().st_mode & 0o077 == 0
    # What a later release has made.
    machine.postgres.sql("CREATE TABLE later()", name)
    machine.asked()
    machine.restore(name)
    assert machine.asked() == [f"stop {name}", f"up -d --wait --no-deps {name}"]
    assert machine.postgres.sql(tables, name) == before
    assert machine.postgres.sql("SELECT to_regclass('later') IS NULL", name) == "t"
    # As it was, too, for who may do what.
    assert machine.migrate().splitlines()[STORES.index(name)].endswith("nothing to do")
    machine.restore(name)


def test_what_is_no_copy_is_not_put_in_place_of_what_is_there(machine):
    machine.migrate()
    machine.type("pg_dump", "tar -C")
    dump = machine.folder / "backup/registry.dump"
    dump.write_bytes(dump.read_bytes()[:100])
    before = machine.postgres.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "registry")
    machine.asked()
    with pytest.raises(AssertionError):
        machine.restore("registry")
    assert machine.asked() == ["stop registry"]
    assert machine.postgres.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "registry") == before
