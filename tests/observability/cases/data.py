"""What is known: scores, their history, datasets, whole answers."""

from support.case import Case
from support.series import counts, levels

JOB = 'job="orewatch-risk",instance="a"'
HERE = {"job": "orewatch-risk"}


def lag(name: str, behind: str, applied: str, **expected) -> Case:
    series = {f"orewatch_risk_registry_revision_lag{{{JOB}}}": behind, f"orewatch_risk_last_applied_timestamp_seconds{{{JOB}}}": applied}
    return Case("OrewatchRiskLag", name, series, labels=HERE, **expected)


def cut_off(name: str, registry: str, applied: str, **expected) -> Case:
    """Risk does not know how far it is behind."""
    series = {
        'orewatch_registry_revision{job="orewatch-registry",instance="r"}': registry,
        f"orewatch_risk_applied_revision{{{JOB}}}": applied,
        f"orewatch_risk_registry_revision_lag{{{JOB}}}": levels(("40m", 0)),
        f"orewatch_risk_last_applied_timestamp_seconds{{{JOB}}}": levels(("40m", 0)),
    }
    return Case("OrewatchRiskLag", name, series, labels=HERE, **expected)


def history(name: str, behind: str, revision: str, **expected) -> Case:
    series = {f"orewatch_risk_history_revision_lag{{{JOB}}}": behind, f"orewatch_risk_history_revision{{{JOB}}}": revision}
    return Case("OrewatchScoreHistoryLag", name, series, severity="warning", labels=HERE, **expected)


def dataset(name: str, version: str, max_age: float, **expected) -> Case:
    labels = f'{JOB},dataset="production"'
    series = {f"orewatch_dataset_version_timestamp_seconds{{{labels}}}": version, f"orewatch_dataset_max_age_seconds{{{labels}}}": levels(("50m", max_age))}
    return Case("OrewatchDatasetStale", name, series, severity="warning", labels={"dataset": "production"}, **expected)


def degraded(name: str, cause: str, partial: str, answers: str, **expected) -> Case:
    labels = 'job="orewatch-gateway",instance="a"'
    series = {
        f'orewatch_gateway_partial_responses_total{{{labels},section="risk",cause="{cause}"}}': partial,
        f"orewatch_gateway_aggregated_responses_total{{{labels}}}": answers,
    }
    return Case("OrewatchGatewayDegraded", name, series, severity="warning", labels={"job": "orewatch-gateway"}, **expected)


CASES = [
    lag(
        "one revision is not applied, then it is",
        levels(("10m", 0), ("20m", 1), ("10m", 0)),
        levels(("10m", 300), ("20m", 600), ("10m", 1800)),
        fires=("20m15s", "29m45s"),
        silent=("20m", "30m"),
        says="Risk is 1 revisions behind the registry, and applies none.",
    ),
    cut_off("risk hears nothing of a change", levels(("10m", 7), ("30m", 8)), levels(("40m", 7)), silent=("14m",), fires=("15m15s",)),
    cut_off("risk hears of every change", levels(("10m", 7), ("30m", 8)), levels(("10m", 7), ("30m", 8)), silent=("39m",)),
    lag("nothing has changed for long", levels(("40m", 0)), levels(("40m", 0)), silent=("39m",)),
    lag("it is always behind, and always applies", levels(("40m", 5)), counts(("40m", 1)), silent=("39m",)),
    Case(
        "OrewatchRiskRecomputeMismatch",
        "a score is not what it was",
        {f"orewatch_risk_recompute_mismatch_total{{{JOB}}}": counts(("5m", 0), ("15s", 1 / 15), ("70m", 0))},
        fires=("5m30s", "65m"),
        silent=("5m", "65m15s"),
        labels=HERE,
        says="1 scores of orewatch-risk are not what their facts make them; the log names each.",
    ),
    history(
        "a revision is not recorded, then it is",
        levels(("10m", 0), ("25m", 1), ("10m", 0)),
        counts(("10m", 1), ("25m", 0), ("10m", 1)),
        fires=("30m", "34m45s"),
        silent=("29m45s", "35m15s"),
        says="1 revisions wait to be recorded by orewatch-risk, and none is.",
    ),
    history("nothing is to be recorded", levels(("40m", 0)), levels(("40m", 7)), silent=("39m",)),
    history("it is always behind, and always records", levels(("40m", 3)), counts(("40m", 1)), silent=("39m",)),
    dataset(
        "ten minutes is as old as it may be, until the next comes",
        levels(("30m", 60), ("20m", 1800)),
        600,
        fires=("26m15s", "29m45s"),
        silent=("26m", "30m"),
        says="The dataset production is 25m 15s old.",
    ),
    dataset("a second is all that it may be", levels(("50m", 60)), 1, fires=("40m",)),
    dataset("it may be as old as it likes", levels(("50m", 60)), 0, silent=("40m",)),
    degraded(
        "six or seven answers in a hundred lack a section while answers triple",
        "timeout",
        counts(("10m", 0), ("30m", 3 / 16), ("20m", 0)),
        counts(("10m", 1), ("50m", 3)),
        fires=("25m45s", "41m45s"),
        silent=("25m30s", "43m"),
        says="For every answer of the gateway 6.25% of a section is missing.",
    ),
    degraded("four in a hundred", "timeout", counts(("40m", 0.045)), counts(("40m", 1)), silent=("39m",)),
    degraded("callers may not see it", "denied", counts(("40m", 1)), counts(("40m", 1)), silent=("39m",)),
    degraded("callers give it no time", "deadline", counts(("40m", 1)), counts(("40m", 1)), silent=("39m",)),
]
