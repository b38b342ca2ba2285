"""What stands before the services: the edge."""

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
]
