"""Budgets that burn, from raw series to the alert: through every rule between them, in an installation of services apart and in one of the suite."""

import dataclasses

from cases.burns import HOLD, OBJECTIVES, PAIRS, least_bad
from cases.records import GATEWAY, REGISTRY, labels
from support.series import counts, levels, seconds

# The jobs that count for an objective, and that of one process for all; each in a namespace of its own.
SUITE = "orewatch"


@dataclasses.dataclass(frozen=True)
class Course:
    name: str
    alert: str
    severity: str
    slo: str
    # Nothing is recorded of others: that a pair of these two fires, and not another one of the same alert.
    windows: tuple
    series: dict
    step: str
    fires: tuple = ()
    silent: tuple = ()


def slow(family: str, le: str, **more):
    """Counters of all and of bad as a histogram has them: what is not bad is within the bound."""

    def of_process(process: dict, every: list, bad: list) -> dict:
        good = [(duration, rate - worse) for (duration, rate), (_, worse) in zip(every, bad)]
        return {f"{family}_count{labels(**process, **more)}": every, f"{family}_bucket{labels(**process, **more, le=le)}": good}

    return of_process


def failed(process: dict, every: list, bad: list) -> dict:
    good = [(duration, rate - worse) for (duration, rate), (_, worse) in zip(every, bad)]
    same = process | {"grpc_service": GATEWAY, "grpc_method": "Search"}
    counted = {code: f"grpc_server_handled_total{labels(**same, grpc_code=code)}" for code in ("OK", "Internal")}
    return {counted["OK"]: good, counted["Internal"]: bad}


def partial(process: dict, every: list, bad: list) -> dict:
    lacks = labels(**process, section="risk", cause="timeout")
    return {f"orewatch_gateway_aggregated_responses_total{labels(**process)}": every, f"orewatch_gateway_partial_responses_total{lacks}": bad}


# Whose series they are, and what they are.
COUNTED = {
    "gateway-availability": ("gateway", failed),
    "gateway-read-latency": ("gateway", slow("grpc_server_handling_seconds", "0.25", grpc_service=GATEWAY, grpc_method="Search")),
    "registry-write-latency": ("registry", slow("grpc_server_handling_seconds", "0.5", grpc_service=REGISTRY, grpc_method="UpdateMineral")),
    "complete-answers": ("gateway", partial),
    "watch-delivery": ("registry", slow("orewatch_watch_lag_seconds", "2.5")),
    "alert-timeliness": ("alerting", slow("orewatch_alerting_notify_seconds", "60.5", stage="dispatch")),
}


def processes(service: str) -> list[dict]:
    return [{"namespace": "apart", "job": f"orewatch-{service}", "instance": "a"}, {"namespace": "suite", "job": SUITE, "instance": "a"}]


def rounded(duration: float, step: float) -> float:
    """To whole steps, downwards."""
    return duration // step * step


class Burn:
    """One pair of windows of one objective."""

    def __init__(self, alert: str, slo: str, budget: float, severity: str, pair: tuple):
        self.alert, self.slo, self.severity = alert, slo, severity
        self.long, self.short = seconds(pair[0]), seconds(pair[1])
        self.limit = pair[2] * budget
        self.hold = seconds(HOLD[severity])
        self.pair = pair

    def course(self, name: str, series: dict, step: float, fires: tuple = (), silent: tuple = ()) -> Course:
        times = [tuple(f"{rounded(time, step):.0f}s" for time in expected) for expected in (fires, silent)]
        return Course(f"{self.pair[0]}: {name}", self.alert, self.severity, self.slo, self.pair[:2], series, f"{step:.0f}s", *times)

    def of_calls(self) -> list[Course]:
        """Twice as many are bad as may be, until half of the long window is: then the limit is reached."""
        # When the limit is reached, so many are bad that it is no chance.
        enough = least_bad(self.slo) * 1.05 / self.limit
        step = self.short / 5
        begins = self.long + step
        reaches, slack = begins + self.long / 2, 3 * step
        ends = reaches + max(self.hold, step) + 2 * slack
        over = ends + self.short / 2
        held = max(self.hold, step)
        return [
            self.course(
                "it burns, and then no more",
                self._calls(begins, ends, enough, step),
                step,
                fires=(reaches + held + slack, over - slack),
                silent=(begins, reaches - slack, reaches + held - slack, over + slack, over + self.short),
            ),
            self.course(
                "it burns just less than long enough",
                self._calls(begins, begins + rounded(self.long / 2 * 0.95, step), enough * 9, step),
                step,
                silent=(begins, reaches, reaches + held + slack, reaches + self.long / 4),
            ),
            self.course(
                "it burns, of too few to tell",
                self._calls(begins, ends, enough * 0.7, step),
                step,
                silent=(begins, reaches + held + slack, over - slack),
            ),
        ]

    def _calls(self, begins: float, ends: float, events: float, step: float) -> dict:
        rate, share = events / self.long, 2 * self.limit
        parts = [(begins, rate, 0), (ends - begins, rate, rate * share), (2 * self.long, rate, 0)]
        every = [(f"{duration:.0f}s", rate) for duration, rate, _ in parts]
        bad = [(f"{duration:.0f}s", rate) for duration, _, rate in parts]
        service, family = COUNTED[self.slo]
        made = {}
        for process in processes(service):
            made |= {name: counts(*phases, step=f"{step:.0f}s") for name, phases in family(process, every, bad).items()}
        return made

    def of_moments(self, series) -> list[Course]:
        """All moments are bad, until as much of the long window is as may be."""
        enough = self.limit * self.long
        # So that one bad sample is less than enough, and two are more.
        step = min(rounded(enough / 1.5, 1), self.hold / 3)
        begins = rounded(self.long, step) + 2 * step
        slack = 3 * step
        ends = rounded(begins + enough + self.hold, step) + 2 * slack
        over = ends + self.short * (1 - self.limit)
        return [
            self.course(
                "it burns, and then no more",
                series(begins, ends, over + self.short, step),
                step,
                fires=(begins + enough + self.hold + slack, ends),
                silent=(begins, begins + enough + self.hold - slack, over + slack, over + self.short - slack),
            ),
            self.course(
                "it burns for less than long enough",
                series(begins, begins + rounded(enough - 1, step), over, step),
                step,
                silent=(begins, begins + enough + self.hold, ends),
            ),
        ]


def of_fewest() -> Course:
    """Fifteen calls an hour, good for half a day, and then none of them."""
    series = {}
    for process in processes("gateway"):
        same = process | {"grpc_service": GATEWAY, "grpc_method": "Search"}
        good, bad = [("12h", 15 / 3600), ("2h", 0)], [("12h", 0), ("2h", 15 / 3600)]
        for code, phases in (("OK", good), ("Unavailable", bad)):
            series[f"grpc_server_handled_total{labels(**same, grpc_code=code)}"] = counts(*phases, step="1m")
    return Course(
        "few calls, and all fail", OBJECTIVES[0][0], "critical", OBJECTIVES[0][1], ("1h", "5m"), series, "1m", fires=("12h25m", "14h"), silent=("12h", "12h15m")
    )


def of_silence(slo: str, service: str, families: dict) -> Course:
    """What has been well for an hour is there no more."""
    series = {}
    for process in processes(service):
        series |= {f"{family}{labels(**process)}": f"{levels(('1h', value))} stale" for family, value in families.items()}
    alert = next(alert for alert, named, *_ in OBJECTIVES if named == slo)
    return Course("nothing is heard any more", alert, "critical", slo, ("1h", "5m"), series, "15s", fires=("1h10m", "1h30m"), silent=("1h",))


SILENCES = [
    of_silence("scoring-freshness", "risk", {"orewatch_risk_registry_revision_lag": 0, "orewatch_risk_last_applied_timestamp_seconds": 1}),
    of_silence("alert-completeness", "alerting", {"orewatch_alerting_unconfirmed": 0, "orewatch_alerting_leader": 1}),
]


def unconfirmed(begins: float, ends: float, until: float, step: float) -> dict:
    phases = [(f"{begins:.0f}s", 0), (f"{ends - begins:.0f}s", 2), (f"{until - ends:.0f}s", 0)]
    made = {}
    for process in processes("alerting"):
        made[f"orewatch_alerting_unconfirmed{labels(**process)}"] = levels(*phases, step=f"{step:.0f}s")
        made[f"orewatch_alerting_leader{labels(**process)}"] = levels((f"{until:.0f}s", 1), step=f"{step:.0f}s")
    return made


def behind(begins: float, ends: float, until: float, step: float) -> dict:
    """Bad once a revision has waited for a minute: it comes that much earlier."""
    since = rounded(begins - 60, step)
    lag = [(f"{since:.0f}s", 0), (f"{ends - since:.0f}s", 1), (f"{until - ends:.0f}s", 0)]
    made = {}
    for process in processes("risk"):
        made[f"orewatch_risk_registry_revision_lag{labels(**process)}"] = levels(*lag, step=f"{step:.0f}s")
        applied = [(f"{since:.0f}s", 1), (f"{ends - since:.0f}s", 0), (f"{until - ends:.0f}s", 1)]
        made[f"orewatch_risk_last_applied_timestamp_seconds{labels(**process)}"] = counts(*applied, step=f"{step:.0f}s")
    return made


MOMENTS = {"scoring-freshness": behind, "alert-completeness": unconfirmed}


def burns() -> list[Burn]:
    return [Burn(alert, slo, budget, severity, pair) for alert, slo, budget, _, _ in OBJECTIVES for severity, pairs in PAIRS.items() for pair in pairs]


def courses(burn: Burn) -> list[Course]:
    return burn.of_moments(MOMENTS[burn.slo]) if burn.slo in MOMENTS else burn.of_calls()
