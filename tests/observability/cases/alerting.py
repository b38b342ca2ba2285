"""The product's own alerts: that they are found, sent, and arrive."""

from support.case import Case
from support.series import counts, levels

JOB = 'job="orewatch-alerting",instance="a"'
HERE = {"job": "orewatch-alerting"}


def evaluation(name: str, last: dict, **expected) -> Case:
    series = {f'orewatch_alerting_last_evaluation_timestamp_seconds{{job="orewatch-alerting",instance="{one}"}}': values for one, values in last.items()}
    series |= {f'orewatch_alerting_evaluation_interval_seconds{{job="orewatch-alerting",instance="{one}"}}': levels(("40m", 60)) for one in last}
    return Case("OrewatchAlertingRuleEvaluationStalled", name, series, labels=HERE, **expected)


def backlog(severity: str, target: str, name: str, oldest: str, **expected) -> Case:
    series = {f'orewatch_alerting_outbox_oldest_pending_timestamp_seconds{{{JOB},target="{target}"}}': oldest}
    return Case("OrewatchAlertingDispatchBacklog", name, series, severity=severity, labels=HERE | {"target": target}, **expected)


def backlogs(severity: str, target: str) -> list[Case]:
    return [
        backlog(
            severity,
            target,
            "what is pending does not go, then it does",
            levels(("10m", 0), ("15m", 600), ("10m", 0)),
            fires=("17m15s", "24m45s"),
            silent=("10m", "17m", "25m"),
            says=f"The oldest alert for {target} has waited 7m 15s.",
        ),
        backlog(severity, target, "since the epoch", levels(("10m", 1)), fires=("7m15s",), silent=("7m",)),
        backlog(severity, target, "something is always pending, never for long", counts(("30m", 1)), silent=("29m",)),
    ]


def requests(name: str, outcomes: dict, **expected) -> Case:
    series = {f'orewatch_alerting_alertmanager_requests_total{{{JOB},outcome="{outcome}"}}': values for outcome, values in outcomes.items()}
    return Case("OrewatchAlertingAlertmanagerUnreachable", name, series, labels=HERE, **expected)


def leaders(alert: str, name: str, one: str, other: str, **expected) -> Case:
    series = {
        f"orewatch_alerting_leader{{{JOB}}}": one,
        'orewatch_alerting_leader{job="orewatch-alerting",instance="b"}': other,
    }
    return Case(alert, name, series, labels=HERE, **expected)


CASES = [
    evaluation(
        "nothing is evaluated any more, then it is",
        {"a": counts(("10m", 1), ("10m", 0), ("15s", 41), ("10m", 1)), "b": levels(("40m", 0))},
        fires=("15m15s", "20m"),
        silent=("15m", "20m15s"),
        says="The rules were evaluated 5m 15s ago; nobody hears of new risk.",
    ),
    evaluation("the other replica evaluates", {"a": counts(("40m", 1)), "b": levels(("40m", 0))}, silent=("39m",)),
    *backlogs("critical", "alertmanager"),
    *backlogs("warning", "webhook"),
    requests(
        "more than half fail while requests triple",
        {"accepted": counts(("10m", 1), ("30m", 1.35)), "connect_error": counts(("10m", 0), ("20m", 1.65), ("10m", 0))},
        fires=("19m", "30m30s"),
        silent=("18m45s", "32m"),
        says="55% of the requests of orewatch-alerting to Alertmanager fail.",
    ),
    requests("less than half fail", {"accepted": counts(("40m", 1.1)), "timeout": counts(("40m", 0.9))}, silent=("39m",)),
    requests("it takes none of what it is sent", {"accepted": counts(("40m", 0.1)), "rejected": counts(("40m", 0.9))}, silent=("39m",)),
    requests("nothing is sent", {"accepted": counts(("40m", 0)), "timeout": counts(("40m", 0))}, silent=("39m",)),
    Case(
        "OrewatchAlertingUnconfirmed",
        "one alert is not confirmed, then it is",
        {f"orewatch_alerting_unconfirmed{{{JOB}}}": levels(("10m", 0), ("10m", 1), ("10m", 0))},
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        labels=HERE,
        says="1 firing alerts have not come back from Alertmanager.",
    ),
    leaders(
        "OrewatchAlertingNoLeader",
        "the leader goes, and the other takes its time",
        levels(("10m", 1), ("20m", 0)),
        levels(("20m", 0), ("10m", 1)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="0 replicas of orewatch-alerting evaluate the rules.",
    ),
    leaders(
        "OrewatchAlertingTwoLeaders",
        "both believe it for a while",
        levels(("30m", 1)),
        levels(("10m", 0), ("10m", 1), ("10m", 0)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="2 replicas of orewatch-alerting evaluate the rules.",
    ),
    Case(
        "OrewatchAlertingDeadLetters",
        "one delivery is dead, until it is replayed",
        {f"orewatch_alerting_dead_letters{{{JOB}}}": levels(("10m", 0), ("10m", 1), ("10m", 0))},
        fires=("15m", "19m45s"),
        silent=("14m45s", "20m"),
        severity="warning",
        labels=HERE,
        says="1 deliveries of orewatch-alerting were given up.",
    ),
]
