"""What can go wrong with an installation, and which alerts have to tell of it."""

import dataclasses

from support import injections
from support.injections import Injection, on
from support.rules import Rules, seconds


@dataclasses.dataclass(frozen=True)
class Page:
    """An alert that has to come, and what its runbook has to show then."""

    alert: str
    severity: str
    labels: dict
    # How long it takes, by the clock of the rules, until the expression can be true; then the rule's own `for` begins.
    seen_after_s: float
    # The same by the clock on the wall: what the product itself waits.
    waits_s: float
    # What the diagnosis shows: a part of a command, and what it prints then.
    shows: dict

    def told_as(self) -> dict:
        """Labels of what is told."""
        return {"alertname": self.alert, "severity": self.severity} | self.labels

    def promised_s(self, rules: Rules) -> float:
        """From the fault until these rules fire."""
        return self.seen_after_s / rules.scale + rules.hold_s(self.alert, self.severity) + self.waits_s


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    inject: Injection
    pages: tuple[Page, ...]
    # Of both severities, what may be told besides, because it follows.
    follow: frozenset = frozenset()
    # Fills a disk, which only root can make.
    needs_root: bool = False


def page(alert: str, seen_after: str, shows: dict, waits_s: float = 0, severity: str = "critical", **labels: str) -> Page:
    """It wakes somebody."""
    return Page(alert, severity, labels, seconds(seen_after), waits_s, shows)


def ticket(alert: str, seen_after: str, shows: dict, waits_s: float = 0, **labels: str) -> Page:
    """It waits for the morning."""
    return page(alert, seen_after, shows, waits_s, "warning", **labels)


# Of a gateway that misses a neighbour: its answers have holes, and come late.
HOLES = frozenset({"OrewatchGatewayCompletenessBudgetBurn", "OrewatchGatewayLatencyBudgetBurn", "OrewatchGatewayDegraded"})
# Of scores that are not at the registry's head, or of which nobody knows whether they are.
OLD_SCORES = frozenset({"OrewatchScoringFreshnessBudgetBurn", "OrewatchRiskLag"})
# Of an alerting that does not evaluate, or of which nobody knows whether it does.
SILENCE = frozenset({"OrewatchAlertingNoLeader", "OrewatchAlertingRuleEvaluationStalled", "OrewatchAlertingUnconfirmed", "OrewatchAlertCompletenessBudgetBurn"})
LATE_ALERTS = frozenset({"OrewatchAlertTimelinessBudgetBurn"})
FAILED_CALLS = frozenset({"OrewatchGatewayErrorBudgetBurn"})

PROCESSES = (
    Fault(
        "a service is killed",
        on(injections.killed, "risk"),
        (page("OrewatchTargetDown", "3m", {"api/v1/targets": "connection refused", "livez": "000", "up{job": 'job="orewatch-risk".* => 0 '}, job="orewatch-risk"),),
        HOLES | OLD_SCORES,
    ),
    Fault(
        "a service hangs",
        on(injections.hung, "alerting"),
        (page("OrewatchTargetDown", "3m", {"api/v1/targets": "context deadline exceeded"}, job="orewatch-alerting"),),
        HOLES | SILENCE,
    ),
    Fault(
        "Prometheus forgets a service",
        injections.forgotten_by_prometheus,
        (
            page(
                "OrewatchTargetAbsent", "5m", {"count by (job) (up)": r'\A(?!.*job="orewatch-alerting").*job="orewatch-risk"'}, job="orewatch-alerting"
            ),
        ),
        SILENCE,
    ),
    Fault(
        "a clock is wrong",
        injections.clock_wrong,
        (page("OrewatchClockSkew", "0m", {"timestamp(orewatch_clock": r'job="orewatch-gateway"[^\n]* => (89|9\d)'}, job="orewatch-gateway"),),
        # Of a gateway that starts anew once its clock has been set back.
        HOLES,
    ),
    Fault(
        "a certificate is about to end",
        injections.certificate_about_to_end,
        (
            page(
                "OrewatchCertificateExpiringSoon",
                "0m",
                {"openssl x509 -in": "notAfter=", "orewatch_tls_certificate_not_after": r'job="orewatch-gateway", usage="server"} => [1-9]\d\d(\.\d+)? '},
                waits_s=5,
                job="orewatch-gateway",
                usage="server",
            ),
        ),
    ),
    Fault(
        "a certificate is copied half",
        injections.certificate_spoilt,
        (
            ticket(
                "OrewatchConfigReloadFailed",
                "0m",
                {"orewatch_tls_last_reload_successful": 'job="orewatch-gateway".* => 0 ', "logs gateway": "certificates not reloaded"},
                waits_s=5,
                job="orewatch-gateway",
            ),
        ),
    ),
    Fault(
        "few files can be opened",
        injections.few_file_descriptors,
        (
            ticket(
                "OrewatchFileDescriptorsLow", "0m", {"process_open_fds / process_max_fds": r'job="orewatch-risk"} => (0\.[89]|1 )'}, job="orewatch-risk"
            ),
        ),
    ),
    Fault(
        "nobody reads a log",
        injections.log_not_read,
        (
            ticket(
                "OrewatchLogDropped",
                "0m",
                {
                    "orewatch_log_dropped_total": 'job="orewatch-gateway"} => [1-9]',
                    "orewatch_log_messages_total": r'job="orewatch-gateway", level="info"} => [1-9]\d\d',
                },
                # Some thousands of lines wait before the first is dropped.
                waits_s=30,
                job="orewatch-gateway",
            ),
        ),
    ),
    Fault(
        "two replicas are set differently, and one gets all the calls",
        injections.another_gateway_is_set_otherwise,
        (
            ticket("OrewatchGrpcUnbalanced", "5m", {"grpc_server_started_total": r'job="orewatch-gateway"} => [1-9]\d'}, job="orewatch-gateway"),
            ticket("OrewatchConfigHashDiffers", "0m", {"count_values": r"\A(?=.*orewatch-gateway.*orewatch-gateway)"}, job="orewatch-gateway"),
        ),
    ),
)

STORAGE = (
    Fault(
        "the database stops",
        injections.database_stopped,
        (
            page(
                "OrewatchDatabaseUnreachable",
                "2m",
                {"logs registry": "cannot connect to the database", "pg_isready": "no response", "psql": "refused"},
                job="orewatch-registry",
            ),
        ),
        HOLES,
    ),
    Fault(
        "the database is slow",
        injections.database_slow,
        (
            page(
                "OrewatchRegistryWriteLatencyBudgetBurn",
                "10m",
                {"orewatch_registry_commit_seconds_bucket": r"\A[^\n]* => (0\.[6-9]|[1-9])", "pg_stat_activity": "idle in transaction|ClientRead"},
                slo="registry-write-latency",
            ),
        ),
        # Followers are told what it has been asked for again, and with all that it is asked it does not answer at once.
        HOLES | OLD_SCORES | {"OrewatchBackendSlow"},
    ),
    Fault(
        "connections to the database are all in use",
        injections.table_locked,
        (
            ticket(
                "OrewatchDatabasePoolSaturated",
                "0m",
                {"orewatch_db_connections{": " => 1 ", "wait_event_type": r"Lock\s*\| relation", "grpc_method": r"\A[^\n]*ListChanges"},
                waits_s=10,
                job="orewatch-registry",
            ),
        ),
        # Those who wait for a connection have the places of others.
        HOLES | {"OrewatchLoadShedding"},
    ),
    Fault(
        "a disk is full",
        injections.disk_full,
        (
            page(
                "OrewatchDiskFull",
                "0m",
                {"df -h": "100%", "orewatch_storage_free_bytes": 'store="audit".* => 0 '},
                job="orewatch-registry",
                store="audit",
            ),
            page(
                "OrewatchAuditLogStuck",
                "0m",
                {"df -h": "100%", "orewatch_audit_writable": 'job="orewatch-registry".* => 0 ', "logs registry": "AUDIT_LOG_UNAVAILABLE"},
                # Somebody has to try a change.
                waits_s=5,
                job="orewatch-registry",
            ),
        ),
        FAILED_CALLS | {"OrewatchDiskFillingUp"},
        needs_root=True,
    ),
    Fault(
        "a disk fills up",
        injections.audit_log_copied_beside_itself,
        (
            ticket(
                "OrewatchDiskFillingUp",
                "0m",
                {"orewatch_storage_free_bytes / orewatch_storage_capacity_bytes": r'store="audit"} => 0\.0'},
                job="orewatch-registry",
                store="audit",
            ),
        ),
        needs_root=True,
    ),
)

CALLS = (
    Fault(
        "a neighbour is slow",
        injections.slow_risk,
        (
            ticket(
                "OrewatchBackendSlow",
                "5m",
                {"grpc_client_handling_seconds_bucket": r'Risk", job="orewatch-gateway"} => (0\.[6-9]|[1-9])'},
                job="orewatch-gateway",
                grpc_service="orewatch.risk.v1.Risk",
            ),
            page(
                "OrewatchGatewayLatencyBudgetBurn",
                "25m",
                {"grpc_server_handling_seconds_bucket": r"GetMineralBrief[^\n]* => (0\.[3-9]|[1-9])"},
                slo="gateway-read-latency",
            ),
        ),
        HOLES,
    ),
    Fault(
        "a neighbour cannot be reached",
        injections.risk_refuses,
        (
            ticket(
                "OrewatchGatewayDegraded",
                "10m",
                {"orewatch_gateway_breaker_state": r'backend="risk"[^\n]* => [12] ', "logs gateway": "a service could not be asked"},
                job="orewatch-gateway",
            ),
            page(
                "OrewatchGatewayCompletenessBudgetBurn",
                "10m",
                {"sum by (section, cause)": 'cause="unavailable", section="risk"} => [1-9]'},
                slo="complete-answers",
            ),
        ),
        HOLES,
    ),
    Fault(
        "the gateway fails its callers",
        injections.nobody_answers_the_gateway,
        (
            page(
                "OrewatchGatewayErrorBudgetBurn",
                "5m",
                {"grpc_server_handled_total": "Unavailable", "logs gateway": "REQUIRED_SECTION_|NO_SECTION", "breaker_state": " => [12] "},
                slo="gateway-availability",
            ),
        ),
        HOLES,
    ),
    Fault(
        "more ask than can be answered",
        injections.crowd,
        (
            ticket(
                "OrewatchLoadShedding",
                "5m",
                {
                    "orewatch_grpc_rejected_total": r'job="orewatch-gateway", priority="read", reason="concurrency"} => [1-9]',
                    "logs gateway": r"[1-9]\d+ .*127\.0\.0\.1",
                },
                job="orewatch-gateway",
                reason="concurrency",
            ),
        ),
        HOLES | FAILED_CALLS | {"OrewatchBackendSlow"},
    ),
    Fault(
        "the edge cannot reach a service",
        injections.edge_cannot_reach_risk,
        (
            page(
                "OrewatchEdgeWithoutService",
                "0m",
                {"envoy_cluster_membership_healthy": 'envoy_cluster_name="risk"[^\n]* => 0 ', "readyz": r"\A(?=.* 200\n.* 200\n.* 200\n.* 200\n)"},
                # Two health checks in a row, of which the first is due within five seconds.
                waits_s=8,
                job="orewatch-edge",
                envoy_cluster_name="risk",
            ),
            page(
                "OrewatchEdgeErrors",
                "5m",
                {"envoy_http_downstream_rq_xx": r'envoy_response_code_class="5"[^\n]* => (0\.[1-9]|[1-9])', "envoy_cluster_membership_healthy": '"risk"} => 0 '},
                job="orewatch-edge",
            ),
        ),
    ),
)

SCORES = (
    Fault(
        "a follower did not read",
        injections.follower_did_not_read,
        (
            page(
                "OrewatchWatchDeliveryBudgetBurn",
                "10m",
                # As much as fits on the way has left the registry in time, and leaves risk late.
                {"orewatch_watch_lag_seconds_bucket": r'job="orewatch-(registry|risk)"} => ([3-9]|10)', "REGISTRY_ADMIN/inflight": "Registry/Watch"},
                waits_s=30,
                slo="watch-delivery",
            ),
        ),
        HOLES | OLD_SCORES,
    ),
    Fault(
        "risk is cut off from the registry",
        injections.risk_cut_off,
        (
            page(
                "OrewatchRiskLag",
                "5m",
                {"orewatch_registry_revision": " => [1-9]", "logs risk": "stream ended; following again"},
                job="orewatch-risk",
            ),
            page(
                "OrewatchScoringFreshnessBudgetBurn",
                "10m",
                {"max(orewatch_registry_revision)": " => [1-9]", "logs risk": "stream ended; following again"},
                slo="scoring-freshness",
            ),
        ),
        HOLES,
    ),
    Fault(
        "the history of scores cannot be recorded",
        injections.history_cannot_be_recorded,
        (
            ticket(
                "OrewatchScoreHistoryLag",
                "10m",
                {"orewatch_risk_history_revision_lag": " => [1-9]", "logs risk": "score history cannot be recorded"},
                waits_s=10,
                job="orewatch-risk",
            ),
        ),
    ),
    Fault(
        "figures are old",
        injections.old_figures,
        (ticket("OrewatchDatasetStale", "0m", {"orewatch_dataset_version_timestamp_seconds": r'dataset="rehearsal"} => [89]\d\d\d'}, dataset="rehearsal"),),
    ),
)

ALERTING = (
    Fault(
        "two replicas of alerting share no database",
        injections.alerting_of_its_own,
        (page("OrewatchAlertingTwoLeaders", "0m", {"orewatch_alerting_leader": r"\A(?=.* => 1 .* => 1 )"}, job="orewatch-alerting"),),
    ),
    Fault(
        "nobody can take the lease",
        injections.lease_held_by_a_session,
        (
            page(
                "OrewatchAlertingNoLeader",
                "0m",
                {"orewatch_alerting_leader": " => 0 ", "logs alerting": "cannot keep the lease|evaluates no longer"},
                # The lease has to end first.
                waits_s=25,
                job="orewatch-alerting",
            ),
        ),
        HOLES | SILENCE,
    ),
    Fault(
        "a webhook fails",
        injections.webhook_fails,
        (
            ticket(
                "OrewatchAlertingDispatchBacklog", "2m", {"deliveries --state=pending": "500", "outbox_pending": 'target="webhook"} => [1-9]'}, target="webhook"
            ),
        ),
    ),
    Fault(
        "a webhook is gone for good",
        injections.webhook_gone,
        (
            ticket(
                "OrewatchAlertingDeadLetters", "0m", {"deliveries --state=dead": "410", "sqlite3": r"\A[1-9]"}, waits_s=10, job="orewatch-alerting"
            ),
        ),
    ),
    # Alerts that were told late burn a budget for minutes, whenever another is told: no fault after these raises one.
    Fault(
        "Alertmanager is down",
        injections.alertmanager_down,
        (
            page(
                "OrewatchAlertingAlertmanagerUnreachable",
                "5m",
                {"logs alerting": "an Alertmanager cannot be told", "/-/ready": "refused|000|Couldn't|Failed"},
                # Between two attempts the sender waits for up to half a minute.
                waits_s=90,
                job="orewatch-alerting",
            ),
            page("OrewatchAlertingDispatchBacklog", "2m", {"deliveries --state=pending": "pending"}, waits_s=90, target="alertmanager"),
            page("OrewatchAlertingUnconfirmed", "5m", {"orewatch_alerting_unaccepted_alerts": " => [1-9]"}, waits_s=150, job="orewatch-alerting"),
            page(
                "OrewatchAlertCompletenessBudgetBurn",
                "5m",
                {"max(orewatch_alerting_unconfirmed)": " => [1-9]", "deliveries --state=pending": "pending"},
                waits_s=150,
                slo="alert-completeness",
            ),
        ),
        LATE_ALERTS,
    ),
    Fault(
        "rules are not evaluated",
        injections.evaluations_cannot_be_stored,
        (
            page(
                "OrewatchAlertingRuleEvaluationStalled",
                "5m",
                {"logs alerting": "a tick could not be evaluated|alert state could not be stored|cannot keep the lease"},
                # Three of the product's own intervals.
                waits_s=240,
                job="orewatch-alerting",
            ),
        ),
        SILENCE,
    ),
)

FAULTS = (*PROCESSES, *STORAGE, *CALLS, *SCORES, *ALERTING)


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
    "OrewatchAlertTimelinessBudgetBurn": "what comes late is counted once it has come, so that the fault is over; it follows where Alertmanager was down while several began",
    "OrewatchPostgresDown": "only CloudNativePG, which needs a Kubernetes with kubelets, exposes what it goes by",
    "OrewatchPostgresReplicationLag": "likewise",
    "OrewatchPostgresArchiveStalled": "likewise",
    "OrewatchPostgresBackupOld": "likewise",
    "OrewatchPostgresDiskFillingUp": "likewise",
}
