"""Whatever way orewatch is deployed, its rules and dashboards know the jobs of its targets, and miss none that is there."""

import re
import subprocess

import pytest
import yaml

from programs.kubectl import Unreachable
from programs.process import ROOT
from support.dashboards import boards
from support.rules import alerts, judge, rules
from support.scraped import rendered

SERVICES = {"orewatch-gateway", "orewatch-registry", "orewatch-risk", "orewatch-alerting"}
# Who else is scraped beside them.
NEIGHBOURS = {"alertmanager", "prometheus"}
SCRAPED = ("deploy/prometheus/prometheus.yml", "deploy/prometheus/suite.yml", "deploy/compose/prometheus.yml", "deploy/systemd/settings/prometheus.yml")


def jobs_of_file(name: str) -> set[str]:
    return {scraped["job_name"] for scraped in yaml.safe_load((ROOT / name).read_text())["scrape_configs"]}


def jobs_on_kubernetes() -> set[str]:
    """Of the pods that a monitor selects: what their label says that it names the job by."""
    objects = rendered("prod")
    monitors = [one["spec"] for one in objects if one["kind"] == "PodMonitor" and "jobLabel" in one["spec"]]
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in objects if one["kind"] == "Deployment"]
    return {pod[monitor["jobLabel"]] for monitor in monitors for pod in pods if selected(monitor["selector"], pod)}


def selected(selector: dict, labels: dict) -> bool:
    wanted = {name: [value] for name, value in selector.get("matchLabels", {}).items()}
    wanted |= {one["key"]: one["values"] for one in selector.get("matchExpressions", [])}
    return all(labels.get(name) in values for name, values in wanted.items())


DEPLOYMENTS = {name: jobs_of_file(name) for name in SCRAPED}
try:
    DEPLOYMENTS["k8s"] = jobs_on_kubernetes()
    NOT_RENDERED = ""
except Unreachable as reason:
    NOT_RENDERED = str(reason)


def test_kubernetes_is_among_them():
    if NOT_RENDERED:
        pytest.skip(f"kubectl cannot be had: {NOT_RENDERED}")
    assert DEPLOYMENTS["k8s"] == SERVICES | {"orewatch-edge"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_all_services_are_scraped(name):
    jobs = DEPLOYMENTS[name]
    assert ("orewatch" in jobs) != (jobs >= SERVICES)
    assert jobs - NEIGHBOURS <= SERVICES | {"orewatch", "orewatch-edge"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_selector_takes_every_job(name):
    expressions = [rule["expr"] for file in ("recording.rules.yml", "alerts.rules.yml") for rule in rules(file)]
    selectors = {regex for expression in expressions for regex in re.findall(r'job=~"([^"]*)"', expression)}
    assert selectors
    for regex in selectors:
        assert [job for job in sorted(DEPLOYMENTS[name]) if re.fullmatch(regex, job)] == sorted(DEPLOYMENTS[name] - NEIGHBOURS)


def test_only_one_alert_knows_jobs_by_name():
    every = [rule for file in ("recording.rules.yml", "alerts.rules.yml") for rule in rules(file)]
    named = {rule.get("alert", rule.get("record")) for rule in every if re.search(r'job!?="', rule["expr"])}
    assert named == {"OrewatchTargetAbsent"}
    assert not [name for name, board in boards().items() if re.search(r'job!?=\\"', yaml.safe_dump(board))]


def absent(jobs: set[str]) -> subprocess.CompletedProcess:
    """Whether nothing is said to be absent after an hour in which those jobs were scraped."""
    series = [{"series": f'up{{job="{job}",instance="a"}}', "values": "1x60"} for job in sorted(jobs)]
    quiet = {"eval_time": "1h", "alertname": "OrewatchTargetAbsent", "exp_alerts": []}
    return judge([alerts()["OrewatchTargetAbsent", "critical"]], [{"interval": "1m", "input_series": series, "alert_rule_test": [quiet]}], "1m")


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_nothing_is_missed_of_what_is_there(name):
    done = absent(DEPLOYMENTS[name])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "job"), [(name, job) for name, jobs in DEPLOYMENTS.items() for job in sorted(jobs & (SERVICES | {"orewatch"}))])
def test_a_service_that_is_not_scraped_is_missed(name, job):
    assert absent(DEPLOYMENTS[name] - {job}).returncode != 0
