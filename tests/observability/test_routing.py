"""Whom Alertmanager tells of each alert, and of what it says nothing because another alert says it already: asked of a real one."""

import datetime
import json
import subprocess
import urllib.request

import pytest

from programs.alertmanager import Alertmanager
from programs.process import ROOT
from support.rules import alerts
from support.stack import alertmanager_config

CONFIG = ROOT / "deploy/alertmanager/alertmanager.yml"
RECEIVERS = {"critical": "pages", "warning": "tickets", "none": "dead-mans-switch"}
HERE = {"cluster": "one", "namespace": "orewatch"}


@pytest.mark.parametrize(("name", "severity"), sorted(alerts()))
def test_every_alert_goes_where_its_severity_says(name, severity):
    # One has a label `source` too: whatever it says, it is not the product's own.
    labels = alerts()[name, severity]["labels"] | {"alertname": name, "job": "orewatch-risk", "source": "jwt_keys"} | HERE
    command = ["amtool", "config", "routes", "test", f"--config.file={CONFIG}", *(f"{key}={value}" for key, value in labels.items())]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == [RECEIVERS[severity]]


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alertmanager")
    secret = folder / "secret"
    secret.write_text("a secret of the hook that is long enough to be one")
    with Alertmanager(folder, alertmanager_config("127.0.0.1:1", secret)) as started:
        yield started


def asked(alertmanager, told: list | None = None) -> list:
    body = None if told is None else json.dumps(told).encode()
    request = urllib.request.Request(f"{alertmanager.url}/api/v2/alerts", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "[]")


def told(alertmanager, namespace: str, *firing: dict) -> None:
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
    asked(alertmanager, [{"labels": labels | {"namespace": namespace}, "endsAt": ends} for labels in firing])


def quiet(alertmanager, namespace: str, labels: dict) -> bool:
    (found,) = [one for one in asked(alertmanager) if one["labels"] == labels | {"namespace": namespace}]
    return bool(found["status"]["inhibitedBy"])


def alert(name: str, severity: str, **labels) -> dict:
    return {"alertname": name, "severity": severity, "cluster": "one"} | labels


RISK = {"job": "orewatch-risk"}
DOWN = alert("OrewatchTargetDown", "critical", **RISK)
BURNS = alert("OrewatchGatewayErrorBudgetBurn", "critical", slo="gateway-availability")
# What fires, and what is then not said.
QUIET = {
    "a page makes the ticket about its objective needless": (BURNS, BURNS | {"severity": "warning"}),
    "a page makes the ticket about the same certificate needless": (
        alert("OrewatchCertificateExpiringSoon", "critical", usage="server", **RISK),
        alert("OrewatchCertificateExpiringSoon", "warning", usage="server", **RISK),
    ),
    "of a service that is down no ticket is said": (DOWN, alert("OrewatchScoreHistoryLag", "warning", **RISK)),
    "nor of one of its processes": (DOWN, alert("OrewatchConfigReloadFailed", "warning", instance="a", source="jwt_keys", **RISK)),
    "a service that is down leaves answers incomplete": (DOWN, alert("OrewatchGatewayDegraded", "warning", job="orewatch-gateway")),
    "and its neighbours waiting": (DOWN, alert("OrewatchBackendSlow", "warning", job="orewatch-gateway", grpc_service="orewatch.risk.v1.Risk")),
    "a disk that is full is filling up": (
        alert("OrewatchDiskFull", "critical", instance="a", store="risk", **RISK),
        alert("OrewatchDiskFillingUp", "warning", instance="a", store="risk", **RISK),
    ),
    "PostgreSQL that is down copies nothing": (alert("OrewatchPostgresDown", "critical"), alert("OrewatchPostgresBackupOld", "warning")),
    "a volume that is almost full is filling up": (
        alert("OrewatchPostgresDiskFillingUp", "critical", persistentvolumeclaim="orewatch-postgres-1"),
        alert("OrewatchPostgresDiskFillingUp", "warning", persistentvolumeclaim="orewatch-postgres-1"),
    ),
    "who cannot reach its database has few connections to it": (
        alert("OrewatchDatabaseUnreachable", "critical", instance="a", **RISK),
        alert("OrewatchDatabasePoolSaturated", "warning", instance="a", **RISK),
    ),
}
# What fires, and what is said all the same.
SAID = {
    "an objective is not another one": (BURNS, BURNS | {"severity": "warning", "slo": "complete-answers"}),
    "a ticket makes no page needless": (BURNS | {"severity": "warning"}, BURNS),
    "a certificate is not another one": (
        alert("OrewatchCertificateExpiringSoon", "critical", usage="server", **RISK),
        alert("OrewatchCertificateExpiringSoon", "warning", usage="ca_client", **RISK),
    ),
    "a webhook is not Alertmanager": (
        alert("OrewatchAlertingDispatchBacklog", "critical", target="alertmanager", job="orewatch-alerting"),
        alert("OrewatchAlertingDispatchBacklog", "warning", target="webhook", job="orewatch-alerting"),
    ),
    "a service that is down is not another one": (DOWN, alert("OrewatchAlertingDeadLetters", "warning", job="orewatch-alerting")),
    "without an edge answers are not worse": (DOWN | {"job": "orewatch-edge"}, alert("OrewatchGatewayDegraded", "warning", job="orewatch-gateway")),
    "half of a service may be wrong": (DOWN, alert("OrewatchRiskRecomputeMismatch", "critical", **RISK)),
    "two replicas may both lead": (DOWN | {"job": "orewatch-alerting"}, alert("OrewatchAlertingTwoLeaders", "critical", job="orewatch-alerting")),
    "users feel it, whatever is down": (DOWN, BURNS),
    "what is down is said itself": (DOWN, DOWN | {"job": "orewatch-registry"}),
    "the watchdog is never quiet": (DOWN, alert("OrewatchWatchdog", "none")),
    "the product's own alerts are not Prometheus'": (DOWN, alert("risk-high", "warning", source="orewatch", alert_id="a", **RISK)),
    "the disk of one store is not that of another": (
        alert("OrewatchDiskFull", "critical", instance="a", store="risk", **RISK),
        alert("OrewatchDiskFillingUp", "warning", instance="a", store="history", **RISK),
    ),
    "a volume is not another one": (
        alert("OrewatchPostgresDiskFillingUp", "critical", persistentvolumeclaim="orewatch-postgres-1"),
        alert("OrewatchPostgresDiskFillingUp", "warning", persistentvolumeclaim="orewatch-postgres-1-wal"),
    ),
    "PostgreSQL of another cluster is another one": (
        alert("OrewatchPostgresDown", "critical"),
        alert("OrewatchPostgresBackupOld", "warning") | {"cluster": "two"},
    ),
    "another cluster is another one": (DOWN, alert("OrewatchScoreHistoryLag", "warning", **RISK) | {"cluster": "two"}),
}


@pytest.mark.parametrize("case", QUIET)
def test_what_follows_is_not_said(alertmanager, case):
    namespace = case.replace(" ", "-")
    told(alertmanager, namespace, *QUIET[case])
    alertmanager.await_true(lambda: quiet(alertmanager, namespace, QUIET[case][1]), case)
    assert not quiet(alertmanager, namespace, QUIET[case][0])


@pytest.mark.parametrize("case", SAID)
def test_what_does_not_follow_is_said(alertmanager, case):
    namespace = case.replace(" ", "-")
    cause, other = SAID[case]
    # That it looks at inhibitions by now shows by what the same cause silences.
    same_job = {"job": cause.get("job", "")}
    of_down = (DOWN | same_job, alert("OrewatchScoreHistoryLag", "warning", **same_job))
    witness = of_down if cause["alertname"] == DOWN["alertname"] else (BURNS, BURNS | {"severity": "warning"})
    told(alertmanager, namespace, cause, other, *[one for one in witness if one not in (cause, other)])
    alertmanager.await_true(lambda: quiet(alertmanager, namespace, witness[1]), case)
    assert not quiet(alertmanager, namespace, other)
