"""Whether calls get through, and are shared among replicas."""

from support.case import Case
from support.series import counts

JOB = 'job="orewatch-gateway",instance="a"'


def rejected(reason: str, *phases) -> dict:
    return {f'orewatch_grpc_rejected_total{{{JOB},priority="read",reason="{reason}"}}': counts(*phases)}


def backend(name: str, *phases, **expected) -> Case:
    """Phases: (duration, calls in a second, share of those that take longer than half a second)."""
    labels = f'{JOB},grpc_service="orewatch.risk.v1.Risk",grpc_method="GetScore"'
    series = {
        f"grpc_client_handling_seconds_count{{{labels}}}": counts(*[(duration, rate) for duration, rate, _ in phases]),
        f'grpc_client_handling_seconds_bucket{{{labels},le="0.5"}}': counts(*[(duration, rate * (1 - slow)) for duration, rate, slow in phases]),
    }
    return Case("OrewatchBackendSlow", name, series, severity="warning", **expected)


def balance(name: str, *phases, **expected) -> Case:
    """Phases: (duration, calls in a second of one replica, of the other)."""

    def started(instance: str) -> str:
        labels = f'job="orewatch-risk",instance="{instance}",grpc_service="orewatch.risk.v1.Risk",grpc_method="GetScore",grpc_type="unary"'
        return f"grpc_server_started_total{{{labels}}}"

    series = {started("a"): counts(*[(duration, one) for duration, one, _ in phases])}
    series[started("b")] = counts(*[(duration, other) for duration, _, other in phases])
    return Case("OrewatchGrpcUnbalanced", name, series, severity="warning", **expected)


CASES = [
    Case(
        "OrewatchLoadShedding",
        "a call in 64 s is refused, for a while",
        rejected("queue_full", ("5m", 0), ("25m", 1 / 64), ("10m", 0)),
        fires=("15m15s", "34m45s"),
        silent=("15m", "35m"),
        severity="warning",
        labels={"job": "orewatch-gateway", "reason": "queue_full"},
        says="orewatch-gateway refuses 0.02 a second (queue_full).",
    ),
    Case(
        "OrewatchLoadShedding",
        "connections are refused, for a while",
        rejected("connections", ("5m", 0), ("25m", 1 / 64), ("10m", 0)),
        fires=("15m15s", "34m45s"),
        silent=("15m", "35m"),
        severity="warning",
        labels={"job": "orewatch-gateway", "reason": "connections"},
    ),
    Case(
        "OrewatchLoadShedding",
        "callers exceed their own quota, and a replica drains",
        rejected("rate", ("30m", 5)) | rejected("draining", ("30m", 5)),
        silent=("30m",),
        severity="warning",
    ),
    backend(
        "one call in eight gets slow while calls triple",
        ("10m", 1, 0),
        ("20m", 3, 0.12),
        ("10m", 3, 0),
        fires=("18m15s", "30m30s"),
        silent=("18m", "35m15s"),
        labels={"job": "orewatch-gateway", "grpc_service": "orewatch.risk.v1.Risk"},
        says="12% of the calls of orewatch-gateway to orewatch.risk.v1.Risk take longer than 0.5 s.",
    ),
    backend("one in eleven is slow", ("40m", 3, 0.09), silent=("39m",)),
    backend("of 21 calls in five minutes", ("40m", 0.07, 0.5), fires=("20m",)),
    backend("of 18 calls in five minutes", ("40m", 0.06, 0.5), silent=("20m", "39m")),
    balance(
        "most calls go to one of two replicas",
        ("10m", 15, 15),
        ("30m", 30, 9),
        ("10m", 15, 15),
        fires=("29m45s",),
        silent=("29m30s", "42m"),
        labels={"job": "orewatch-risk"},
        says="The busiest replica of orewatch-risk gets 1.54 times the calls of the average one.",
    ),
    balance("seven of ten go to one", ("40m", 14, 6), silent=("39m",)),
    balance("nine calls in a second are few", ("40m", 7.9, 1.1), silent=("39m",)),
    balance("calls get more than ten in a second", ("10m", 6.9, 1.1), ("30m", 9.9, 1.1), fires=("28m30s",), silent=("28m15s",)),
    Case(
        "OrewatchHandlerExceptions",
        "one handler throws once",
        {
            f'orewatch_handler_exceptions_total{{{JOB},grpc_service="orewatch.gateway.v1.Gateway",grpc_method="Search"}}': counts(
                ("5m", 0), ("15s", 1 / 15), ("30m", 0)
            )
        },
        fires=("5m15s", "20m"),
        silent=("5m", "20m15s"),
        severity="warning",
        labels={"job": "orewatch-gateway", "grpc_service": "orewatch.gateway.v1.Gateway", "grpc_method": "Search"},
        says="orewatch.gateway.v1.Gateway/Search of orewatch-gateway has thrown, 1 times in a quarter of an hour; its callers got INTERNAL.",
    ),
]
