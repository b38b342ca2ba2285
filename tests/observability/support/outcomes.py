"""What the load must have come to: counters that have to have counted, and queries of panels that may say 0 all the time."""

import re

REGISTRY = "orewatch_registry_{}_total"
MUTATED = 'orewatch_registry_mutations_total{{operation="{}", outcome="{}"}}'
MOVED = 'orewatch_alerting_transitions_total{{to="{}"}}'
WATCHED = 'orewatch_watch_events_sent_total{{job="orewatch-{}"}}'

# By what happened at least once.
OUTCOMES = {
    "created": MUTATED.format("create", "committed"),
    "updated": MUTATED.format("update", "committed"),
    "deleted": MUTATED.format("delete", "committed"),
    "undeleted": MUTATED.format("undelete", "committed"),
    "refused for a stale etag": MUTATED.format("update", "conflict"),
    "etag conflicts": REGISTRY.format("etag_conflicts"),
    "replayed": MUTATED.format("create", "replayed"),
    "replays": REGISTRY.format("idempotent_replays"),
    "another content of the same request": REGISTRY.format("idempotency_mismatch"),
    "page tokens refused": REGISTRY.format("page_tokens_rejected"),
    "rows imported": 'orewatch_registry_import_rows_total{outcome="accepted"}',
    "rows rejected": 'orewatch_registry_import_rows_total{outcome="rejected"}',
    "watchers of the registry told": WATCHED.format("registry"),
    "watchers of scores told": WATCHED.format("risk"),
    "watchers of alerts told": WATCHED.format("alerting"),
    "feeds told": WATCHED.format("gateway"),
    "scores computed": 'orewatch_risk_computations_total{trigger="change", outcome="ok"}',
    "bands got worse": 'orewatch_risk_band_changes_total{to="severe"}',
    "bands got better": 'orewatch_risk_band_changes_total{from="severe"}',
    "alerts fired": MOVED.format("firing"),
    "alerts resolved": MOVED.format("resolved"),
    "suppressed for flapping": 'orewatch_alerting_suppressed_total{reason="flapping"}',
    "Alertmanager told": 'orewatch_alerting_alertmanager_requests_total{outcome="accepted"}',
    "told back": 'orewatch_alerting_notifications_back_total{result="ok"}',
    "detected": 'orewatch_alerting_notify_seconds_count{stage="detect"}',
    "dispatched": 'orewatch_alerting_notify_seconds_count{stage="dispatch"}',
    "confirmed": 'orewatch_alerting_notify_seconds_count{stage="confirm"}',
    "acknowledged": 'grpc_server_handled_total{grpc_method="AcknowledgeAlert", grpc_code="OK"}',
    "snoozed": 'grpc_server_handled_total{grpc_method="SnoozeAlert", grpc_code="OK"}',
    "rules changed": 'grpc_server_handled_total{grpc_method="UpdateRule", grpc_code="OK"}',
    "callers with a token": 'orewatch_auth_attempts_total{credential="token", outcome="accepted"}',
    "callers with a key": 'orewatch_auth_attempts_total{credential="key", outcome="accepted"}',
    "strangers refused": 'grpc_server_handled_total{grpc_code="Unauthenticated"}',
    "too little time given": 'orewatch_grpc_rejected_total{reason="deadline_too_short"}',
    "calls cancelled": 'grpc_server_handled_total{grpc_code="Canceled"}',
    "answers from memory": 'orewatch_gateway_cache_requests_total{result="hit"}',
    "reads shared": "orewatch_gateway_coalesced_total",
    "answers without risk": 'orewatch_gateway_partial_responses_total{section="risk"}',
    "breakers opened": 'orewatch_gateway_breaker_opens_total{backend="risk"}',
    "reads repeated": 'orewatch_gateway_retries_total{outcome="spent"}',
    "certificates renewed": 'orewatch_tls_reloads_total{job="orewatch-gateway"}',
    "calls of the edge": 'envoy_http_downstream_rq_xx{envoy_response_code_class="2", envoy_http_conn_manager_prefix="edge"}',
}

# What a healthy installation has none of. Each query of a panel with such a family must have samples, but may say 0.
NONE_OF = {
    "defects": (
        "orewatch_handler_exceptions_total",
        "orewatch_grpc_responses_too_large_total",
        "orewatch_risk_recompute_mismatch_total",
    ),
    "failures that nothing here causes": (
        "orewatch_storage_write_errors_total",
        "orewatch_audit_write_failures_total",
        "orewatch_audit_anchor_failures_total",
        "orewatch_audit_records_lost_total",
        "orewatch_log_dropped_total",
        "orewatch_db_errors_total",
        "orewatch_db_retries_total",
        "orewatch_risk_history_failures_total",
        "orewatch_alerting_evaluation_failures_total",
        "orewatch_alerting_missed_evaluations_total",
        "orewatch_alerting_reconcile_differences_total",
        "alertmanager_notifications_failed_total",
        "orewatch_tls_last_reload_successful",
        "orewatch_grpc_connections_refused_total",
        "orewatch_grpc_connections_cut_total",
    ),
    "what waits only where something is wrong": (
        "orewatch_db_awaited",
        "orewatch_risk_registry_revision_lag",
        "orewatch_risk_history_revision_lag",
        "orewatch_risk_score_age_seconds",
        "orewatch_alerting_unconfirmed",
        "orewatch_alerting_unaccepted_alerts",
        "orewatch_alerting_unnotified_transitions",
        "orewatch_alerting_dead_letters",
        "orewatch_alerting_webhook_open_circuits",
    ),
    # That there was some the outcomes above show.
    "what may begin and end between two scrapes": (
        "orewatch_gateway_breaker_state",
        "orewatch_grpc_in_flight",
        "orewatch_alerting_outbox_pending",
        "orewatch_alerting_outbox_oldest_pending_timestamp_seconds",
        "orewatch_alerting_flapping",
    ),
    "what holds for longer than the load before it fires": ("ALERTS",),
    "what it takes two replicas for": ("orewatch_alerting_commit_retries_total", "orewatch_alerting_commit_lag", "orewatch_config_hash"),
    "what takes days": ("orewatch_registry_compacted_revision", "orewatch_alerting_dropped_total"),
    "what ends with the process": ("orewatch_drain_seconds", "orewatch_drain_cancelled_calls_total"),
}


def may_be_zero(expression: str) -> bool:
    return any(re.search(rf"\b{family}(_bucket|_count)?\b", expression) for families in NONE_OF.values() for family in families)


def missed(prometheus) -> list[str]:
    """What has not come so far."""
    return [outcome for outcome, counter in OUTCOMES.items() if not prometheus.query(f"{counter} > 0")]
