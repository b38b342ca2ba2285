"""What stands before and behind the services: the edge, and PostgreSQL."""

from support.case import Case
from support.series import counts, levels

EDGE = 'job="orewatch-edge",instance="a"'
HERE = {"job": "orewatch-edge"}


def answers(name: str, good: str, bad: str, prefix: str = "edge", **expected) -> Case:
    family = f'envoy_http_downstream_rq_xx{{{EDGE},envoy_http_conn_manager_prefix="{prefix}",envoy_response_code_class='
    return Case("OrewatchEdgeErrors", name, {f'{family}"2"}}': good, f'{family}"5"}}': bad}, labels=HERE, **expected)


def well(name: str, one: str, other: str, upstream: str = "risk", **expected) -> Case:
    series = {
        f'envoy_cluster_membership_healthy{{job="orewatch-edge",instance="{instance}",envoy_cluster_name="{upstream}"}}': values
        for instance, values in (("a", one), ("b", other))
    }
    return Case("OrewatchEdgeWithoutService", name, series, labels=HERE | {"envoy_cluster_name": upstream}, **expected)


def postgres(severity: str, name: str, *instances: str, cluster: str = "orewatch-postgres", **expected) -> Case:
    series = {
        f'cnpg_collector_up{{namespace="prod",cluster="{cluster}",pod="{cluster}-{number}"}}': values for number, values in enumerate(instances, start=1)
    }
    return Case("OrewatchPostgresDown", name, series, severity=severity, labels={"namespace": "prod"}, **expected)


def lag(name: str, values: str, pod: str = "orewatch-postgres-2", **expected) -> Case:
    series = {f'cnpg_pg_replication_lag{{namespace="prod",pod="{pod}"}}': values}
    return Case("OrewatchPostgresReplicationLag", name, series, severity="warning", labels={"namespace": "prod", "pod": pod}, **expected)


ALWAYS = levels(("40m", 1))
CASES = [
    answers(
        "six in a hundred fail while requests triple",
        counts(("10m", 1), ("50m", 2.8125)),
        counts(("10m", 0), ("30m", 0.1875), ("20m", 0)),
        fires=("18m15s", "40m15s"),
        silent=("17m30s", "43m"),
        says="6.25% of the answers of the edge are 5xx.",
    ),
    answers("four in a hundred", counts(("40m", 0.96)), counts(("40m", 0.04)), silent=("39m",)),
    answers("of 4.5 in five minutes all fail", counts(("40m", 0)), counts(("40m", 0.015)), fires=("39m",)),
    answers("of 3.6 in five minutes all fail", counts(("40m", 0)), counts(("40m", 0.012)), silent=("39m",)),
    answers("Envoy's own pages fail", counts(("40m", 0)), counts(("40m", 1)), prefix="admin", silent=("39m",)),
    well(
        "no edge finds one that is well",
        levels(("10m", 2), ("10m", 0), ("10m", 1)),
        levels(("10m", 2), ("10m", 0), ("10m", 2)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="0 replicas of risk are well for the edge.",
    ),
    well("another edge finds one", levels(("30m", 0)), levels(("30m", 1)), silent=("29m",)),
    well("the issuer of tokens is away", levels(("30m", 0)), levels(("30m", 0)), "jwks", silent=("29m",)),
    postgres(
        "critical",
        "none of two is up",
        levels(("10m", 1), ("10m", 0), ("10m", 1)),
        levels(("10m", 1), ("10m", 0), ("10m", 0)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="0% of the instances of PostgreSQL in prod are up.",
    ),
    postgres("critical", "one of two is up", ALWAYS, levels(("40m", 0)), silent=("39m",)),
    postgres("critical", "somebody else's is down", levels(("40m", 0)), cluster="other", silent=("39m",)),
    postgres(
        "warning",
        "one of two is down",
        ALWAYS,
        levels(("10m", 1), ("20m", 0), ("10m", 1)),
        fires=("20m", "29m45s"),
        silent=("19m45s", "30m"),
        says="50% of the instances of PostgreSQL in prod are up.",
    ),
    postgres("warning", "seven of eight are up", *[ALWAYS] * 7, levels(("40m", 0)), fires=("39m",)),
    postgres("warning", "all are up", ALWAYS, ALWAYS, silent=("39m",)),
    lag(
        "32 s, for a while",
        levels(("10m", 0), ("20m", 32), ("10m", 0)),
        fires=("15m", "29m45s"),
        silent=("14m45s", "30m"),
        says="orewatch-postgres-2 is 32s behind.",
    ),
    lag("28 s", levels(("40m", 28)), silent=("39m",)),
    lag("somebody else's", levels(("40m", 99)), "other-2", silent=("39m",)),
]
