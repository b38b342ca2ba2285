"""What can go wrong with an installation, and which alerts have to tell of it."""

import dataclasses

from support import injections
from support.injections import Injection, on

# Of a gateway that misses a neighbour: its answers have holes, and come late.
HOLES = frozenset({"OrewatchGatewayCompletenessBudgetBurn", "OrewatchGatewayLatencyBudgetBurn"})


@dataclasses.dataclass(frozen=True)
class Page:
    """An alert that has to come, and what its runbook has to show then."""

    alert: str
    labels: dict
    severity: str = "critical"
    # How long it takes, by the clock of the rules, until the expression can be true; then the rule's own `for` begins.
    seen_after_s: float = 300
    # The same by the clock on the wall: what the product itself waits.
    waits_s: float = 0
    # What the diagnosis shows: a part of a command, and what it prints then.
    shows: tuple = ()


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    inject: Injection
    pages: tuple[Page, ...]
    # What may page besides, because it follows.
    follow: frozenset = frozenset()
    # Fills a disk, which only root can make.
    needs_root: bool = False


FAULTS = (
    Fault(
        "a service is killed",
        on(injections.killed, "risk"),
        (
            Page(
                "OrewatchTargetDown",
                {"job": "orewatch-risk"},
                shows=(("api/v1/targets", "connection refused"), ("livez", "000"), ("up{job", 'job="orewatch-risk".* => 0 ')),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "a service hangs",
        on(injections.hung, "alerting"),
        (Page("OrewatchTargetDown", {"job": "orewatch-alerting"}, shows=(("api/v1/targets", "context deadline exceeded"),)),),
        follow=HOLES | {"OrewatchAlertingNoLeader"},
    ),
    Fault(
        "Prometheus forgets a service",
        injections.forgotten_by_prometheus,
        (
            Page(
                "OrewatchTargetAbsent",
                {"job": "orewatch-alerting"},
                shows=(("count by (job) (up)", r'\A(?!.*job="orewatch-alerting").*job="orewatch-risk"'),),
            ),
        ),
    ),
    Fault(
        "the database stops",
        injections.database_stopped,
        (
            Page(
                "OrewatchDatabaseUnreachable",
                {"job": "orewatch-registry"},
                seen_after_s=120,
                shows=(("logs registry", "cannot connect to the database"), ("pg_isready", "no response"), ("psql", "refused")),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "the database is slow",
        injections.database_slow,
        (
            Page(
                "OrewatchRegistryWriteLatencyBudgetBurn",
                {"slo": "registry-write-latency"},
                seen_after_s=3600,
                shows=(("orewatch_registry_commit_seconds_bucket", r"\A[^\n]* => (0\.[6-9]|[1-9])"), ("pg_stat_activity", "idle in transaction|ClientRead")),
            ),
        ),
        # Followers are told what it has been asked for again.
        follow=HOLES | {"OrewatchScoringFreshnessBudgetBurn", "OrewatchRiskLag"},
    ),
    Fault(
        "a follower did not read",
        injections.follower_did_not_read,
        (
            Page(
                "OrewatchWatchDeliveryBudgetBurn",
                {"slo": "watch-delivery"},
                seen_after_s=3600,
                waits_s=30,
                shows=(("orewatch_watch_lag_seconds_bucket", r'job="orewatch-registry"} => ([3-9]|10)'),),
            ),
        ),
        follow=HOLES | {"OrewatchScoringFreshnessBudgetBurn", "OrewatchRiskLag"},
    ),
    Fault(
        "connections to the database are all in use",
        injections.table_locked,
        (
            Page(
                "OrewatchDatabasePoolSaturated",
                {"job": "orewatch-registry"},
                severity="warning",
                seen_after_s=0,
                waits_s=10,
                shows=(("orewatch_db_connections{", " => 1 "), ("wait_event_type", r"Lock\s*\| relation"), ("grpc_method", r"\A[^\n]*ListChanges")),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "a neighbour is slow",
        injections.slow_risk,
        (
            Page(
                "OrewatchBackendSlow",
                {"job": "orewatch-gateway", "grpc_service": "orewatch.risk.v1.Risk"},
                severity="warning",
                shows=(("grpc_client_handling_seconds_bucket", r'Risk", job="orewatch-gateway"} => (0\.[6-9]|[1-9])'),),
            ),
            Page(
                "OrewatchGatewayLatencyBudgetBurn",
                {"slo": "gateway-read-latency"},
                seen_after_s=3600,
                shows=(("grpc_server_handling_seconds_bucket", r"GetMineralBrief[^\n]* => (0\.[3-9]|[1-9])"),),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "a neighbour cannot be reached",
        injections.risk_refuses,
        (
            Page(
                "OrewatchGatewayDegraded",
                {"job": "orewatch-gateway"},
                severity="warning",
                seen_after_s=600,
                shows=(("orewatch_gateway_breaker_state", r'backend="risk"[^\n]* => [12] '), ("logs gateway", "a service could not be asked")),
            ),
            Page("OrewatchGatewayCompletenessBudgetBurn", {"slo": "complete-answers"}, seen_after_s=3600),
        ),
        follow=HOLES,
    ),
    Fault(
        "the gateway fails its callers",
        injections.nobody_answers_the_gateway,
        (
            Page(
                "OrewatchGatewayErrorBudgetBurn",
                {"slo": "gateway-availability"},
                seen_after_s=3600,
                shows=(("grpc_server_handled_total", "Unavailable"), ("logs gateway", "REQUIRED_SECTION_|NO_SECTION"), ("breaker_state", " => [12] ")),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "more ask than can be answered",
        injections.crowd,
        (
            Page(
                "OrewatchLoadShedding",
                {"job": "orewatch-gateway", "reason": "concurrency"},
                severity="warning",
                shows=(
                    ("orewatch_grpc_rejected_total", r'job="orewatch-gateway", priority="read", reason="concurrency"} => [1-9]'),
                    ("logs gateway", r"[1-9]\d+ .*127\.0\.0\.1"),
                ),
            ),
        ),
        follow=HOLES | {"OrewatchGatewayErrorBudgetBurn"},
    ),
    Fault(
        "risk is cut off from the registry",
        injections.risk_cut_off,
        (
            Page(
                "OrewatchRiskLag",
                {"severity": "critical"},
                shows=(("orewatch_registry_revision", " => [1-9]"), ("logs risk", "stream ended; following again")),
            ),
            Page(
                "OrewatchScoringFreshnessBudgetBurn",
                {"slo": "scoring-freshness"},
                seen_after_s=900,
                shows=(("max(orewatch_registry_revision)", " => [1-9]"), ("logs risk", "stream ended; following again")),
            ),
        ),
        follow=HOLES,
    ),
    Fault(
        "a disk is full",
        injections.disk_full,
        (
            Page(
                "OrewatchDiskFull",
                {"job": "orewatch-registry", "store": "audit"},
                seen_after_s=0,
                shows=(("df -h", "100%"), ("orewatch_storage_free_bytes", 'store="audit".* => 0 ')),
            ),
            Page(
                "OrewatchAuditLogStuck",
                {"job": "orewatch-registry"},
                seen_after_s=0,
                shows=(("df -h", "100%"), ("orewatch_audit_writable", 'job="orewatch-registry".* => 0 '), ("logs registry", "AUDIT_LOG_UNAVAILABLE")),
            ),
        ),
        follow=frozenset({"OrewatchGatewayErrorBudgetBurn"}),
        needs_root=True,
    ),
    Fault(
        "a disk fills up",
        injections.audit_log_copied_beside_itself,
        (
            Page(
                "OrewatchDiskFillingUp",
                {"job": "orewatch-registry", "store": "audit"},
                severity="warning",
                seen_after_s=0,
                shows=(("orewatch_storage_size_bytes)", r'store="audit"} => 0\.0'),),
            ),
        ),
        needs_root=True,
    ),
    Fault(
        "a certificate is about to end",
        injections.certificate_about_to_end,
        (
            Page(
                "OrewatchCertificateExpiringSoon",
                {"job": "orewatch-gateway", "usage": "server"},
                seen_after_s=0,
                waits_s=5,
                shows=(
                    ("openssl x509 -in", "notAfter="),
                    ("orewatch_tls_certificate_not_after", r'job="orewatch-gateway", usage="server"} => [1-9]\d\d(\.\d+)? '),
                ),
            ),
        ),
    ),
    Fault(
        "a certificate is copied half",
        injections.certificate_spoilt,
        (
            Page(
                "OrewatchConfigReloadFailed",
                {"job": "orewatch-gateway"},
                severity="warning",
                seen_after_s=0,
                waits_s=5,
                shows=(("orewatch_tls_last_reload_successful", 'job="orewatch-gateway".* => 0 '), ("logs gateway", "certificates not reloaded")),
            ),
        ),
    ),
    Fault(
        "a clock is wrong",
        injections.clock_wrong,
        (
            Page(
                "OrewatchClockSkew",
                {"job": "orewatch-gateway"},
                seen_after_s=0,
                shows=(("timestamp(orewatch_clock", r'job="orewatch-gateway"[^\n]* => (89|9\d)'),),
            ),
        ),
        # absl::Now() follows a clock that jumps within two seconds, gRPC at once: until then the deadlines of calls to neighbours are
        # over before they begin. Two seconds are two minutes of the rules here, and burn a budget; where nothing is scaled they are two
        # of the 52 seconds in an hour that do.
        follow=HOLES | {"OrewatchGatewayErrorBudgetBurn"},
    ),
    Fault(
        "few files can be opened",
        injections.few_file_descriptors,
        (
            Page(
                "OrewatchFileDescriptorsLow",
                {"job": "orewatch-risk"},
                severity="warning",
                seen_after_s=0,
                shows=(("process_open_fds / process_max_fds", r'job="orewatch-risk"} => (0\.[89]|1 )'),),
            ),
        ),
    ),
    Fault(
        "figures are old",
        injections.old_figures,
        (
            Page(
                "OrewatchDatasetStale",
                {"dataset": "rehearsal"},
                severity="warning",
                seen_after_s=0,
                shows=(("orewatch_dataset_version_timestamp_seconds", r'dataset="rehearsal"} => [89]\d\d\d'),),
            ),
        ),
    ),
    Fault(
        "two replicas are set differently, and one gets all the calls",
        injections.another_gateway_is_set_otherwise,
        (
            Page(
                "OrewatchGrpcUnbalanced",
                {"job": "orewatch-gateway"},
                severity="warning",
                shows=(("grpc_server_started_total", r'job="orewatch-gateway"} => [1-9]\d'),),
            ),
            Page(
                "OrewatchConfigHashDiffers",
                {"job": "orewatch-gateway"},
                severity="warning",
                seen_after_s=0,
                shows=(("count_values", r"\A(?=.*orewatch-gateway.*orewatch-gateway)"),),
            ),
        ),
    ),
    Fault(
        "two replicas of alerting share no database",
        injections.alerting_of_its_own,
        (
            Page(
                "OrewatchAlertingTwoLeaders",
                {"job": "orewatch-alerting"},
                seen_after_s=0,
                shows=(("orewatch_alerting_leader", r"\A(?=.* => 1 .* => 1 )"),),
            ),
        ),
    ),
    Fault(
        "nobody can take the lease",
        injections.lease_held_by_a_session,
        (
            Page(
                "OrewatchAlertingNoLeader",
                {"job": "orewatch-alerting"},
                seen_after_s=0,
                # The lease has to end first.
                waits_s=25,
                shows=(("orewatch_alerting_leader", " => 0 "), ("logs alerting", "cannot keep the lease|evaluates no longer")),
            ),
        ),
        follow=HOLES | {"OrewatchAlertingRuleEvaluationStalled"},
    ),
    Fault(
        "Alertmanager is down",
        injections.alertmanager_down,
        (
            Page(
                "OrewatchAlertingAlertmanagerUnreachable",
                {"job": "orewatch-alerting"},
                # Between two attempts the sender waits for up to half a minute.
                waits_s=90,
                shows=(("logs alerting", "an Alertmanager cannot be told"), ("/-/ready", "refused|000|Couldn't|Failed")),
            ),
            Page(
                "OrewatchAlertingDispatchBacklog",
                {"target": "alertmanager"},
                seen_after_s=120,
                waits_s=90,
                shows=(("deliveries --state=pending", "pending"),),
            ),
            Page("OrewatchAlertingUnconfirmed", {"job": "orewatch-alerting"}, waits_s=150, shows=(("orewatch_alerting_unaccepted_alerts", " => [1-9]"),)),
            Page(
                "OrewatchAlertCompletenessBudgetBurn",
                {"slo": "alert-completeness"},
                waits_s=150,
                shows=(("max(orewatch_alerting_unconfirmed)", " => [1-9]"), ("deliveries --state=pending", "pending")),
            ),
        ),
    ),
    Fault(
        "a webhook fails",
        injections.webhook_fails,
        (
            Page(
                "OrewatchAlertingDispatchBacklog",
                {"target": "webhook"},
                severity="warning",
                seen_after_s=120,
                shows=(("deliveries --state=pending", "500"), ("outbox_pending", 'target="webhook"} => [1-9]')),
            ),
        ),
    ),
    Fault(
        "a webhook is gone for good",
        injections.webhook_gone,
        (
            Page(
                "OrewatchAlertingDeadLetters",
                {"job": "orewatch-alerting"},
                severity="warning",
                seen_after_s=0,
                waits_s=10,
                shows=(("deliveries --state=dead", "410"), ("sqlite3", r"\A[1-9]")),
            ),
        ),
    ),
    Fault(
        "rules are not evaluated",
        on(injections.locked_file, "alerting/alerting.db"),
        (
            Page(
                "OrewatchAlertingRuleEvaluationStalled",
                {"job": "orewatch-alerting"},
                # Three of the product's own intervals.
                waits_s=240,
                shows=(("logs alerting", "a tick could not be evaluated|alert state could not be stored|cannot keep the lease"),),
            ),
        ),
        follow=frozenset({"OrewatchAlertingNoLeader", "OrewatchAlertingUnconfirmed", "OrewatchAlertCompletenessBudgetBurn"}),
    ),
    Fault(
        "the history of scores cannot be recorded",
        injections.history_cannot_be_recorded,
        (
            Page(
                "OrewatchScoreHistoryLag",
                {"job": "orewatch-risk"},
                severity="warning",
                seen_after_s=600,
                waits_s=10,
                shows=(("orewatch_risk_history_revision_lag", " => [1-9]"), ("logs risk", "score history cannot be recorded")),
            ),
        ),
    ),
)


def of(name: str, *alerts: str) -> Fault:
    """A fault, of which only these alerts are waited for."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    awaited = tuple(page for page in fault.pages if page.alert in alerts)
    return dataclasses.replace(fault, pages=awaited, follow=fault.follow | {page.alert for page in fault.pages}) if alerts else fault


# What the short form injects, in rounds: faults of one round are there at the same time, and do not hide one another.
SHORT = (
    (
        of("Alertmanager is down", "OrewatchAlertingAlertmanagerUnreachable", "OrewatchAlertingDispatchBacklog"),
        of("the database stops"),
        of("a neighbour is slow", "OrewatchBackendSlow"),
        of("a certificate is about to end"),
    ),
    (of("a disk is full"), of("a clock is wrong"), of("a service is killed")),
)

# Alerts that no fault above leads to, and why.
NOT_INJECTED = {
    "OrewatchWatchdog": "it always fires; test_faults.py waits for it",
    "OrewatchHandlerExceptions": "a handler that throws is a defect of the program, which nothing from outside brings about",
    "OrewatchRiskRecomputeMismatch": "a score in memory that is not what its facts give is a defect too",
    "OrewatchAlertTimelinessBudgetBurn": "it takes a hundred alerts that begin within a scaled hour, a minute; 205 countries governed badly at once begin five",
    "OrewatchPostgresDown": "only CloudNativePG, which needs a Kubernetes with kubelets, exposes what it goes by",
    "OrewatchPostgresReplicationLag": "likewise",
    "OrewatchPostgresArchiveStalled": "likewise",
    "OrewatchPostgresBackupOld": "likewise",
    "OrewatchPostgresDiskFillingUp": "likewise",
}
