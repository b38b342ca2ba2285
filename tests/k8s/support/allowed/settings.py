"""Settings of the services (docs/operations.md), as flags or variables: those that an installation may have, and what each may be.
The checks `protected`, `ports`, `calls-are-shared-by-all-replicas` and `services-use-the-database` say what of this prod has to be."""

import re

from support.manifests import GRPC_PORTS
from support.shapes import counts, lasts

ANY = re.compile(".+", re.DOTALL)
FILE = re.compile(r"/etc/orewatch/[a-z-]+/[A-Za-z0-9_.-]+")
YES_OR_NO = ("true", "false")
LONG = lasts("168h", "87600h")

SETTINGS = {
    # Where it listens, and whom it proves itself to.
    **{f"{name}?": ANY for name in ("address", "admin_address", "alertmanager_hook_address", *(f"{name}_address" for name in GRPC_PORTS))},
    **{f"{name}?": FILE for name in ("tls_certificate", "tls_key", "tls_client_ca", "upstream_ca", "upstream_certificate", "upstream_key", "access_file")},
    "tls_client_auth?": "required",
    "allow_unprotected?": YES_OR_NO,
    "allow_unprotected_admin?": "true",
    "admin_pages?": "loopback",
    # grpcurl may list everything: not where callers must prove who they are.
    "reflection?": "false",
    "trust_principal_header?": "false",
    "allow_unprotected_upstream?": "false",
    # Tokens.
    "jwt_keys?": re.compile(r"/etc/orewatch/jwt/keys\.json|https://.+"),
    "jwt_issuer?": re.compile("https://.+"),
    "jwt_audience?": ANY,
    "jwt_algorithms?": re.compile("(RS256|ES256|EdDSA)(,(RS256|ES256|EdDSA))*"),
    "jwt_leeway?": lasts("0", "5m"),
    "jwt_role_claim?": ANY,
    "jwt_keys_refresh?": lasts("30s", "1h"),
    "jwt_keys_max_age?": lasts("10m", "24h"),
    # What is written down. At debug a line for each call: POST /loglevel, for as long as somebody reads it.
    "log_level?": ("info", "warning", "error"),
    "log_calls?": ("none", "faults", "all"),
    "audit_log?": "/var/log/orewatch/$(POD_NAME).jsonl",
    "audit_log_max_bytes?": counts("1048576", "10737418240"),
    "audit_fail_open?": "false",
    "audit_refusals?": counts("0", "100"),
    "audit_anchor_interval?": lasts("1s", "10m"),
    # Limits: no lower than what a replica has to bear before there is another (the check `autoscalers-act-in-time`).
    "max_connections?": counts("1000", "100000"),
    "max_connection_age?": lasts("1m", "1h"),
    "max_in_flight?": counts("100", "100000"),
    "max_streams?": counts("100", "1000000"),
    "queue_target?": lasts("100ms", "10s"),
    "min_deadline?": lasts("0", "100ms"),
    "require_deadline?": YES_OR_NO,
    "rate_limit_cost_per_second?": counts("0", "1000000000"),
    "rate_limit_burst?": counts("0", "1000000000"),
    "blocking_threads?": counts("4", "128"),
    "drain_settle?": lasts("250ms", "60s"),
    "drain_timeout?": lasts("10s", "5m"),
    # The database.
    "data_dir?": "/var/lib/orewatch",
    "database?": ANY,
    "database_connections?": counts("2", "64"),
    "database_patience?": lasts("10s", "10m"),
    "lease_duration?": lasts("5s", "2m"),
    "migrate?": "true",
    # What it does.
    "default_rules?": FILE,
    **{f"acknowledged_{severity}?": lasts("1h", "720h") for severity in ("critical", "warning", "info")},
    "delivery_retention?": LONG,
    "alert_retention?": LONG,
    "alertmanager?": ANY,
    "alertmanager_source?": re.compile("[A-Za-z0-9_.-]+"),
    "alertmanager_hold?": lasts("10m", "168h"),
    "alertmanager_hook_secret?": FILE,
    "webhooks?": FILE,
    "dataset_max_ages?": ANY,
    "importers?": ANY,
    "critical_list?": ANY,
    "importer?": ANY,
    "longest_answer?": lasts("1s", "5m"),
    "gateway_cache_bytes?": counts("0", "4294967296"),
    "gateway_stale_for?": lasts("0", "24h"),
}
# What of a --database may be said, beside who and where: no sslcompression, no options.
DATABASE = {
    "host": "orewatch-postgres-rw",
    "dbname": "{service}",
    "user": "{service}",
    "service": "{service}",
    "sslmode": "verify-full",
    "sslrootcert": "/etc/orewatch/postgres-ca/ca.crt",
    "connect_timeout?": counts("2", "60"),
}
