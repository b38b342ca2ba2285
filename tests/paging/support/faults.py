"""What can go wrong with an installation, and which alert has to tell of it."""

import contextlib
import dataclasses
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

from support.installation import LONG_ENOUGH, Installation

Injection = Callable[[Installation], contextlib.AbstractContextManager]

# Of a gateway that misses a neighbour: its answers have holes, and come late.
HOLES = frozenset({"OrewatchGatewayCompletenessBudgetBurn", "OrewatchGatewayLatencyBudgetBurn"})


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    inject: Injection
    alert: str
    labels: dict
    severity: str = "critical"
    # How long it takes, by the clock of the rules, until the expression can be true; then the rule's own `for` begins.
    seen_after_s: float = 300
    # The same by the clock on the wall: what the product itself waits.
    waits_s: float = 0
    # What may page besides, because it follows.
    follow: frozenset = frozenset()
    # What the diagnosis shows: a part of a command, and what it prints then.
    shows: tuple = ()
    # In the short form too.
    short: bool = False


@contextlib.contextmanager
def killed(installation: Installation, name: str) -> Iterator[None]:
    installation.services[name].kill()
    try:
        yield
    finally:
        installation.services[name].run()


@contextlib.contextmanager
def hung(installation: Installation, name: str) -> Iterator[None]:
    with installation.services[name].hung():
        yield


@contextlib.contextmanager
def forgotten_by_prometheus(installation: Installation) -> Iterator[None]:
    installation.prometheus.reload(installation.prometheus_config(without="alerting"))
    try:
        yield
    finally:
        installation.prometheus.reload(installation.prometheus_config())


@contextlib.contextmanager
def database_stopped(installation: Installation) -> Iterator[None]:
    installation.postgres.end()
    try:
        yield
    finally:
        installation.postgres.run()


@contextlib.contextmanager
def slow_risk(installation: Installation) -> Iterator[None]:
    with installation.wires["risk"].delaying(0.7):
        yield


@contextlib.contextmanager
def risk_refuses(installation: Installation) -> Iterator[None]:
    with installation.wires["risk"].refusing():
        yield


@contextlib.contextmanager
def nobody_answers_the_gateway(installation: Installation) -> Iterator[None]:
    with contextlib.ExitStack() as cut:
        for wire in installation.wires.values():
            cut.enter_context(wire.refusing())
        cut.enter_context(installation.load.demanding())
        yield


@contextlib.contextmanager
def risk_cut_off(installation: Installation) -> Iterator[None]:
    with installation.risk_to_registry.refusing():
        changed = installation.change_something()
        assert changed.returncode == 0, changed.stderr
        yield


@contextlib.contextmanager
def disk_full(installation: Installation) -> Iterator[None]:
    """The one with the audit log of the registry, while somebody tries to change things."""
    filler = installation.small_disk / "filler"
    ended = threading.Event()

    def keep_trying() -> None:
        while not ended.wait(1):
            installation.change_something()

    trying = threading.Thread(target=keep_trying)
    try:
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        trying.start()
        yield
    finally:
        ended.set()
        trying.join()
        filler.unlink()


@contextlib.contextmanager
def certificate_about_to_end(installation: Installation) -> Iterator[None]:
    installation.authority.renew(installation.certificates["gateway"], "spiffe://test/gateway", timedelta(minutes=15))
    try:
        yield
    finally:
        installation.authority.renew(installation.certificates["gateway"], "spiffe://test/gateway", LONG_ENOUGH)


@contextlib.contextmanager
def certificate_spoilt(installation: Installation) -> Iterator[None]:
    file = installation.certificates["gateway"].cert
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2])
    try:
        yield
    finally:
        file.write_bytes(good)


@contextlib.contextmanager
def clock_wrong(installation: Installation) -> Iterator[None]:
    installation.clock_file.write_text("+90")
    try:
        yield
    finally:
        # As the runbook says: a clock is not set back under a service that runs.
        installation.services["gateway"].stop()
        installation.clock_file.write_text("+0")
        installation.services["gateway"].run()


@contextlib.contextmanager
def alertmanager_down(installation: Installation) -> Iterator[None]:
    installation.alertmanager.stop()
    try:
        # Something new to tell.
        installation.raise_an_alert()
        yield
    finally:
        installation.alertmanager.__enter__()


@contextlib.contextmanager
def alerting_cannot_store(installation: Installation) -> Iterator[None]:
    """Somebody else has the file of alerting for himself."""
    other = sqlite3.connect(installation.folder / "alerting/alerting.db", timeout=60, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


@contextlib.contextmanager
def another_gateway_is_set_otherwise(installation: Installation) -> Iterator[None]:
    with installation.another_gateway({"longest_answer": "7s"}):
        yield


@contextlib.contextmanager
def old_figures(installation: Installation) -> Iterator[None]:
    """Of a publisher who has published nothing since, and then does."""

    def publish(year: int) -> None:
        row = f"antimony,mine,AD,{year},1,,false,false,CONTAINED,rehearsal-{year},antimony content,antimony-ore,{year},CC-BY-4.0,a test"
        imported = installation.import_rows("production.csv", row)
        assert imported.returncode == 0, imported.stderr

    publish(2001)
    try:
        yield
    finally:
        publish(2026)


def on(action, *arguments) -> Injection:
    return lambda installation: action(installation, *arguments)


FAULTS = (
    Fault(
        "a service is killed",
        on(killed, "risk"),
        "OrewatchTargetDown",
        {"job": "orewatch-risk"},
        follow=HOLES,
        shows=(("api/v1/targets", "connection refused"), ("livez", "000"), ("up{job", 'job="orewatch-risk".* => 0 ')),
        short=True,
    ),
    Fault(
        "a service hangs",
        on(hung, "alerting"),
        "OrewatchTargetDown",
        {"job": "orewatch-alerting"},
        follow=HOLES | {"OrewatchAlertingNoLeader"},
        shows=(("api/v1/targets", "context deadline exceeded"),),
    ),
    Fault(
        "Prometheus forgets a service",
        forgotten_by_prometheus,
        "OrewatchTargetAbsent",
        {"job": "orewatch-alerting"},
        seen_after_s=0,
        shows=(("count by (job) (up)", r'\A(?!.*job="orewatch-alerting").*job="orewatch-risk"'),),
    ),
    Fault(
        "the database stops",
        database_stopped,
        "OrewatchDatabaseUnreachable",
        {"job": "orewatch-registry"},
        seen_after_s=120,
        follow=HOLES,
        shows=(("logs registry", "[Cc]onnection refused|terminating connection"), ("pg_isready", "no response"), ("psql", "refused")),
        short=True,
    ),
    Fault(
        "a neighbour is slow",
        slow_risk,
        "OrewatchBackendSlow",
        {"job": "orewatch-gateway", "grpc_service": "orewatch.risk.v1.Risk"},
        severity="warning",
        follow=HOLES,
        shows=(("grpc_client_handling_seconds_bucket", r'Risk", job="orewatch-gateway"} => (0\.[6-9]|[1-9])'),),
        short=True,
    ),
    Fault(
        "answers come late",
        slow_risk,
        "OrewatchGatewayLatencyBudgetBurn",
        {"slo": "gateway-read-latency"},
        seen_after_s=3600,
        follow=HOLES,
        shows=(("grpc_server_handling_seconds_bucket", r"GetMineralBrief[^\n]* => (0\.[3-9]|[1-9])"),),
    ),
    Fault(
        "a neighbour cannot be reached",
        risk_refuses,
        "OrewatchGatewayDegraded",
        {"job": "orewatch-gateway"},
        severity="warning",
        seen_after_s=600,
        follow=HOLES,
        shows=(("orewatch_gateway_breaker_state", r'backend="risk"[^\n]* => [12] '), ("logs gateway", "a service could not be asked")),
    ),
    Fault(
        "the gateway fails its callers",
        nobody_answers_the_gateway,
        "OrewatchGatewayErrorBudgetBurn",
        {"slo": "gateway-availability"},
        seen_after_s=1800,
        follow=HOLES,
        shows=(("grpc_server_handled_total", "Unavailable"), ("logs gateway", "REQUIRED_SECTION_|NO_SECTION"), ("breaker_state", " => [12] ")),
        short=True,
    ),
    Fault(
        "risk is cut off from the registry",
        risk_cut_off,
        "OrewatchRiskLag",
        {"severity": "critical"},
        seen_after_s=300,
        follow=HOLES | {"OrewatchScoringFreshnessBudgetBurn"},
        shows=(("orewatch_registry_revision", " => [1-9]"), ("logs risk", "stream ended; following again")),
    ),
    Fault(
        "the audit log cannot be written",
        disk_full,
        "OrewatchAuditLogStuck",
        {"job": "orewatch-registry"},
        seen_after_s=0,
        follow=frozenset({"OrewatchDiskFull", "OrewatchGatewayErrorBudgetBurn"}),
        shows=(("df -h", "100%"), ("orewatch_audit_writable", 'job="orewatch-registry".* => 0 '), ("logs registry", "AUDIT_LOG_UNAVAILABLE")),
        short=True,
    ),
    Fault(
        "a disk is full",
        disk_full,
        "OrewatchDiskFull",
        {"job": "orewatch-registry", "store": "audit"},
        seen_after_s=0,
        follow=frozenset({"OrewatchAuditLogStuck"}),
        shows=(("df -h", "100%"), ("orewatch_storage_free_bytes", 'store="audit".* => 0 ')),
    ),
    Fault(
        "a certificate is about to end",
        certificate_about_to_end,
        "OrewatchCertificateExpiringSoon",
        {"job": "orewatch-gateway", "usage": "server"},
        seen_after_s=0,
        waits_s=5,
        shows=(("openssl x509 -in", "notAfter="), ("orewatch_tls_certificate_not_after", r'job="orewatch-gateway", usage="server"} => [1-9]\d\d(\.\d+)? ')),
        short=True,
    ),
    Fault(
        "a certificate is copied half",
        certificate_spoilt,
        "OrewatchConfigReloadFailed",
        {"job": "orewatch-gateway"},
        severity="warning",
        seen_after_s=0,
        waits_s=5,
        shows=(("orewatch_tls_last_reload_successful", 'job="orewatch-gateway".* => 0 '), ("logs gateway", "certificates not reloaded")),
    ),
    Fault(
        "a clock is wrong",
        clock_wrong,
        "OrewatchClockSkew",
        {"job": "orewatch-gateway"},
        seen_after_s=0,
        # The deadlines of calls that are under way are over when it jumps.
        follow=HOLES | {"OrewatchGatewayErrorBudgetBurn", "OrewatchTargetDown"},
        shows=(("timestamp(orewatch_clock", r'job="orewatch-gateway"[^\n]* => (89|9\d)'),),
    ),
    Fault(
        "figures are old",
        old_figures,
        "OrewatchDatasetStale",
        {"dataset": "rehearsal"},
        severity="warning",
        seen_after_s=0,
        shows=(("orewatch_dataset_version_timestamp_seconds", r'dataset="rehearsal"} => [89]\d\d\d'),),
    ),
    Fault(
        "two replicas are set differently",
        another_gateway_is_set_otherwise,
        "OrewatchConfigHashDiffers",
        {"job": "orewatch-gateway"},
        severity="warning",
        seen_after_s=0,
        shows=(("count_values", r'\A(?=.*orewatch-gateway.*orewatch-gateway)'),),
    ),
    Fault(
        "Alertmanager is down",
        alertmanager_down,
        "OrewatchAlertingAlertmanagerUnreachable",
        {"job": "orewatch-alerting"},
        # Between two attempts the sender waits for up to half a minute.
        waits_s=90,
        follow=frozenset({"OrewatchAlertingDispatchBacklog", "OrewatchAlertingUnconfirmed", "OrewatchAlertCompletenessBudgetBurn"}),
        shows=(("logs alerting", "an Alertmanager cannot be told"), ("/-/ready", "refused|000|Couldn't|Failed")),
    ),
    Fault(
        "what fires is not confirmed",
        alertmanager_down,
        "OrewatchAlertingUnconfirmed",
        {"job": "orewatch-alerting"},
        waits_s=240,
        follow=frozenset({"OrewatchAlertingDispatchBacklog", "OrewatchAlertingAlertmanagerUnreachable", "OrewatchAlertCompletenessBudgetBurn"}),
        shows=(("orewatch_alerting_unaccepted_alerts", " => [1-9]"),),
    ),
    Fault(
        "alerts wait in the outbox",
        alertmanager_down,
        "OrewatchAlertingDispatchBacklog",
        {"target": "alertmanager"},
        seen_after_s=120,
        waits_s=90,
        follow=frozenset({"OrewatchAlertingUnconfirmed", "OrewatchAlertingAlertmanagerUnreachable", "OrewatchAlertCompletenessBudgetBurn"}),
        shows=(("deliveries --state=pending", "pending"),),
    ),
    Fault(
        "rules are not evaluated",
        alerting_cannot_store,
        "OrewatchAlertingRuleEvaluationStalled",
        {"job": "orewatch-alerting"},
        # Three of the product's own intervals.
        waits_s=240,
        follow=frozenset({"OrewatchAlertingNoLeader", "OrewatchAlertingUnconfirmed", "OrewatchAlertCompletenessBudgetBurn"}),
        shows=(("logs alerting", "a tick could not be evaluated|alert state could not be stored|cannot keep the lease"),),
    ),
)
