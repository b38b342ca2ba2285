"""What is committed is what the mixin renders, and the programs that read it accept it."""

import json
import re
import subprocess

import pytest
import yaml

from programs.process import ROOT
from support.rules import MIXIN, RULES, alerts

RENDERED = ("prometheus/rules", "grafana/dashboards")


def render(folder, *flags):
    subprocess.run([MIXIN / "render", f"--out={folder}", *flags], check=True, stdout=subprocess.DEVNULL)
    return folder


def check(*command) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_committed_is_what_is_rendered(tmp_path):
    render(tmp_path)
    for folder in RENDERED:
        committed = {file.name: file.read_text() for file in (ROOT / "deploy" / folder).iterdir()}
        assert {file.name: file.read_text() for file in (tmp_path / folder).iterdir()} == committed, "run deploy/mixin/render"


def test_jsonnet_is_formatted():
    sources = [*MIXIN.rglob("*.jsonnet"), *MIXIN.rglob("*.libsonnet")]
    check("jsonnetfmt", "--test", "--string-style", "s", *sources)


@pytest.mark.parametrize("scale", ["1", "60", "3600"])
def test_rules_are_rules_at_every_scale(tmp_path, scale):
    render(tmp_path, f"--time_scale={scale}")
    check("promtool", "check", "rules", *sorted((tmp_path / "prometheus/rules").iterdir()))


def test_a_time_scale_divides_durations_and_seconds(tmp_path):
    render(tmp_path, "--time_scale=60")
    scaled = {
        (rule["alert"], rule["labels"]["severity"]): rule
        for group in yaml.safe_load((tmp_path / "prometheus/rules/alerts.rules.yml").read_text())["groups"]
        for rule in group["rules"]
    }
    lag = scaled["OrewatchRiskLag", "critical"]
    assert lag["for"] == "5s" and "> 5)" in lag["expr"]
    assert "[5s]" in scaled["OrewatchTargetDown", "critical"]["expr"]
    # In a second nobody is scraped twice, and nobody tries twice to connect.
    assert "[4s]" in scaled["OrewatchDatabaseUnreachable", "critical"]["expr"]
    # Shares and numbers of things are not time.
    assert "< 0.02" in scaled["OrewatchDiskFull", "critical"]["expr"]


@pytest.mark.parametrize("flags", [["--time_scale=0"], ["--time_scale=fast"], ["--output=x"], ["--out"]])
def test_a_flag_that_cannot_be_is_refused(flags):
    assert subprocess.run([MIXIN / "render", *flags], capture_output=True).returncode == 2


@pytest.mark.parametrize("file", ["prometheus.yml", "suite.yml"])
def test_prometheus_takes_its_configuration(file):
    check("promtool", "check", "config", ROOT / "deploy/prometheus" / file)


def test_alertmanager_takes_its_configuration(tmp_path):
    check("amtool", "check-config", ROOT / "deploy/alertmanager/alertmanager.yml")


ROUTES = [
    ("OrewatchWatchdog", {"severity": "none"}, "dead-mans-switch"),
    ("OrewatchRiskLag", {"severity": "critical", "job": "orewatch-risk"}, "pages"),
    ("OrewatchDatasetStale", {"severity": "warning"}, "tickets"),
    # The product's own, though it is named alike.
    ("OrewatchTransitionsUnnotified", {"severity": "critical", "source": "orewatch"}, "orewatch"),
    ("Watchdog", {"source": "orewatch"}, "orewatch"),
]


@pytest.mark.parametrize(("name", "labels", "receiver"), ROUTES)
def test_alerts_go_where_they_should(name, labels, receiver):
    config = ROOT / "deploy/alertmanager/alertmanager.yml"
    told = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={config}", f"alertname={name}", *[f"{key}={value}" for key, value in labels.items()]],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == [receiver]


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_an_alert_says_what_to_do(alert):
    rule = alerts()[alert]
    annotations = rule["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert rule["labels"]["severity"] in ("critical", "warning", "none")
    assert annotations["summary"].endswith(".") and "{{" not in annotations["summary"]
    assert annotations["runbook_url"].endswith(f"/{alert[0]}.md")
    board = annotations["dashboard_url"].rpartition("/orewatch-")[2]
    assert (ROOT / f"deploy/grafana/dashboards/{board}.json").is_file()


# Whose value is a 1, a hash, or now this and now that: their labels say all.
WITHOUT_VALUE = {
    "OrewatchTargetAbsent",
    "OrewatchWatchdog",
    "OrewatchConfigReloadFailed",
    "OrewatchConfigHashDiffers",
    "OrewatchDiskFull",
    "OrewatchAuditLogStuck",
}


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_an_alert_says_how_bad_it_is(alert):
    assert ("$value" in alerts()[alert]["annotations"]["description"]) != (alert[0] in WITHOUT_VALUE)


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_an_alert_has_a_runbook(alert):
    assert (ROOT / "docs/runbooks" / alerts()[alert]["annotations"]["runbook_url"].rpartition("/")[2]).is_file()


def test_bounds_are_not_whole_numbers():
    """Prometheus 3 writes le="1" as le="1.0"."""
    texts = [file.read_text() for file in RULES.iterdir()] + [file.read_text() for file in (ROOT / "deploy/grafana/dashboards").iterdir()]
    bounds = {bound for text in texts for bound in re.findall(r'le=\\?"([\d.+Inf]+)\\?"', text)}
    assert bounds == {"0.25", "0.5", "2.5", "60.5"}


def test_grafana_finds_datasources_and_dashboards():
    provisioning = ROOT / "deploy/grafana/provisioning"
    sources = yaml.safe_load((provisioning / "datasources/orewatch.yml").read_text())["datasources"]
    assert {source["type"] for source in sources} == {"prometheus", "alertmanager"}
    providers = yaml.safe_load((provisioning / "dashboards/orewatch.yml").read_text())["providers"]
    assert [provider["type"] for provider in providers] == ["file"]
    uids = [json.loads(file.read_text())["uid"] for file in (ROOT / "deploy/grafana/dashboards").iterdir()]
    assert len(uids) == len(set(uids)) == 5
