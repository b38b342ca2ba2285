"""docs/operations/disaster_recovery.md, "Alerting without a copy": as it is written there, with a real Alertmanager, which tells nobody a second time."""

import contextlib
import json
import os
import urllib.request

import pytest

from programs.alertmanager import Alertmanager, Pager
from programs.pages import Page
from programs.postgres import Postgres
from programs.process import BIN
from programs.services import Services
from scene import Embedded, InPostgres, Scene

# Few alerts, each of which is a group of its own in Alertmanager.
DEFAULT_RULE = 'rules { name: "rules/default" target { method: METHOD_HHI } threshold { raise: 8000 clear: 7500 } severity: SEVERITY_CRITICAL }'
RULE = 'rules { name: "rules/mine" target { subject: "minerals/tin" method: METHOD_HHI } threshold { raise: 100 clear: 50 } severity: SEVERITY_WARNING }'


def routed_to(pager: Pager) -> dict:
    route = {"receiver": "pager", "group_by": ["alert_id", "severity"], "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h"}
    return {"route": route, "receivers": [{"name": "pager", "webhook_configs": [{"url": pager.url, "send_resolved": True}]}]}


class Site(Scene):
    """With an Alertmanager beside it, and somebody who is told."""

    def __init__(self, services: Services, engine, folder, alertmanager: Alertmanager, pager: Pager):
        super().__init__(services, engine, folder)
        self.alertmanager = alertmanager
        self.pager = pager
        environment = engine.environment | {"PATH": f"{BIN}:{os.environ['PATH']}"} | services.client_environment()
        places = {"/var/lib/orewatch": folder, "http://alertmanager:9093": alertmanager.url}
        self.page = Page("operations/disaster_recovery.md", places, environment, folder)

    def told(self) -> list[tuple]:
        """Of each thing that people were told of our alerts: which it was of, and whether it began or ended."""
        return [(one["labels"]["alert_id"], one["status"]) for one in self.pager.told() if one["labels"]["alertname"] != "Watchdog"]

    def held(self) -> dict:
        """Which alerts Alertmanager holds to be firing, and since when."""
        with urllib.request.urlopen(f"{self.alertmanager.url}/api/v2/alerts?filter=source%3Dorewatch&filter=alertname!%3DWatchdog", timeout=10) as answer:
            return {one["labels"]["alert_id"]: one for one in json.load(answer)}

    def flushes(self) -> int:
        """How often Alertmanager has looked whether a group that is not silenced was told already."""
        with urllib.request.urlopen(f"{self.alertmanager.url}/metrics", timeout=10) as answer:
            (line,) = [line for line in answer.read().decode().splitlines() if line.startswith("alertmanager_nflog_queries_total ")]
        return int(float(line.split()[1]))

    def firing(self) -> set:
        return {alert["name"].removeprefix("alerts/") for alert in self.json("alerts", "list", "--state=firing")["alerts"]}

    def of_its_own(self) -> bool:
        """Whether an alert of the rule of one's own fires."""
        return any(alert["rule"] == "rules/mine" for alert in self.json("alerts", "list", "--state=firing")["alerts"])

    def await_true(self, condition, what: str) -> None:
        self.services["registry"].await_true(condition, what)


@pytest.fixture(params=["sqlite", "postgres"])
def site(request, tmp_path):
    with contextlib.ExitStack() as stack:
        engine = Embedded(tmp_path) if request.param == "sqlite" else InPostgres(stack.enter_context(Postgres()))
        pager = stack.enter_context(Pager())
        alertmanager = stack.enter_context(Alertmanager(tmp_path, routed_to(pager)))
        (tmp_path / "default.textproto").write_text(DEFAULT_RULE)
        own = {"alertmanager": alertmanager.url, "default_rules": tmp_path / "default.textproto"}
        flags = engine.flags | {"alerting": engine.flags.get("alerting", {}) | own}
        services = stack.enter_context(Services(tmp_path, flags=flags))
        services.import_bundled_data()
        site = Site(services, engine, tmp_path, alertmanager, pager)
        (tmp_path / "rules.textproto").write_text(RULE)
        site.page.run("orewatchctl apply")
        site.await_true(site.of_its_own, "the alert of one's own rule")
        site.await_true(lambda: {alert for alert, _ in site.told()} == site.firing(), "all that there is to tell")
        yield site


def begin_anew(site: Site) -> None:
    """Step 3, until Alertmanager has heard that what the lost rule has raised is no more."""
    site.page.run("find /" if isinstance(site.engine, Embedded) else "createdb")
    site.services["alerting"].run()
    site.services.await_consistent()
    assert not site.of_its_own()
    site.await_true(lambda: not any(alert.startswith("mine-") for alert in site.held()), "the end of it in Alertmanager")


def test_what_fires_is_found_again_and_nobody_is_told_twice(site):
    firing, told = site.firing(), site.told()
    site.services["alerting"].kill()
    site.page.run("silence add")
    begin_anew(site)
    site.page.run("orewatchctl apply")
    site.await_true(lambda: site.firing() == firing, "what fired")
    site.await_true(lambda: set(site.held()) == firing, "the same in Alertmanager")
    seen = site.flushes()
    site.page.run("silence expire")
    # Each group more than once, since the silence has ended.
    site.await_true(lambda: site.flushes() > seen + 3 * len(firing), "looks of Alertmanager")
    assert site.told() == told


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_without_the_silence_people_are_told_of_an_end(site):
    site.services["alerting"].kill()
    begin_anew(site)
    site.await_true(lambda: any(alert.startswith("mine-") and status == "resolved" for alert, status in site.told()), "its end")
