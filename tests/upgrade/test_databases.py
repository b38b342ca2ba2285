"""What another release has written, this one reads, and the other way round: each database, embedded and in PostgreSQL. Run by scripts/upgrade."""

import contextlib
import json
import os
import pathlib

import pytest

from programs.postgres import Postgres
from programs.process import BIN, ROOT
from programs.services import Services

STORES = ("registry", "risk", "alerting")
TIN = ("tin", "--stage=mine", "--method=hhi")
OLD = pathlib.Path(os.environ["OREWATCH_OLD_BIN_DIR"])


class Scene:
    def __init__(self, services: Services, folder: pathlib.Path):
        self.services = services
        self._folder = folder

    def run_from(self, bin_dir: pathlib.Path) -> None:
        """Every service, from now on, over the databases that are there."""
        for service in reversed(list(self.services)):
            service.stop()
        for service in self.services:
            service.use(bin_dir)
            service.run()
        self.services.await_consistent()

    def ctl(self, *arguments) -> str:
        done = self.services.ctl(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.ctl(*arguments, "-o", "json"))

    def write(self, who: str, tonnes: int) -> None:
        """Into each database: a name, a figure that moves a score, a rule, and what is said about an alert."""
        self._apply(f'minerals {{ name: "minerals/tin" display_name: "Tin of {who}" provenance {{ source: "a test" }} }}')
        self._apply(
            f'rules {{ name: "rules/of-{who}" target {{ subject: "minerals/tin" method: METHOD_HHI }}'
            f' threshold {{ raise: {tonnes} clear: {tonnes - 1} }} severity: SEVERITY_WARNING }}'
        )
        header = (ROOT / "data/production.csv").read_text().splitlines()[0]
        row = f"tin,mine,AU,2024,{tonnes},,false,false,CONTAINED,usgs-mcs-2026,tin content,tin-ore,2026,US-public-domain,a test"
        figures = self._folder / "production.csv"
        figures.write_text(f"{header}\n{row}\n")
        self.ctl("import", figures)
        self.ctl("alerts", "comment", self.alert(), f"said by {who}")
        self.services.await_consistent()

    def _apply(self, text: str) -> None:
        file = self._folder / "applied.textproto"
        file.write_text(text)
        self.ctl("apply", "-f", file)

    def alert(self) -> str:
        return min(alert["name"] for alert in self.json("alerts", "list", "--state=firing")["alerts"])

    def kept(self) -> dict:
        """All that the databases hold, but what is worked out anew."""
        return {
            "registry": self.json("export"),
            "history of a resource": self.ctl("history", "minerals/tin"),
            "history of a score": self.json("score", "history", *TIN, "--oldest_first", "--limit=0")["records"],
            "rules": self.json("list", "rules"),
            "alerts": {alert["name"] for alert in self.json("alerts", "list", "--state=all")["alerts"]},
            "what was said": set(self.ctl("alerts", "history", self.alert()).splitlines()),
        }


def shared(one, other):
    """`one` without the fields that `other` does not know: contracts grow."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: shared(value, other[key]) for key, value in one.items() if key in other}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [shared(mine, others) for mine, others in zip(one, other)]
    return one


def expect_same(before: dict, after: dict) -> None:
    for what, kept in before.items():
        # Time goes on, and what waits begins to fire.
        if isinstance(kept, set):
            assert kept <= after[what], what
        else:
            assert shared(after[what], kept) == shared(kept, after[what]), what


@pytest.fixture(params=["sqlite", "postgres"])
def scene(request, tmp_path):
    with contextlib.ExitStack() as stack:
        flags = {}
        if request.param == "postgres":
            postgres = stack.enter_context(Postgres())
            flags = {service: {"database": postgres.create(service)} for service in STORES}
        services = Services(tmp_path, flags=flags)
        for service in services:
            service.use(OLD)
        stack.enter_context(services)
        services.import_bundled_data()
        yield Scene(services, tmp_path)


def test_each_release_reads_what_the_other_wrote(scene):
    scene.write("the-old", 9100)
    by_the_old = scene.kept()
    scene.run_from(BIN)
    expect_same(by_the_old, scene.kept())
    scene.write("the-new", 9200)
    by_the_new = scene.kept()
    scene.run_from(OLD)
    expect_same(by_the_new, scene.kept())
    # It also goes on from there, and so does who comes after.
    scene.write("the-old-again", 9300)
    again = scene.kept()
    scene.run_from(BIN)
    expect_same(again, scene.kept())
