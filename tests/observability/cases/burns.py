"""Budgets that burn: each alert of an objective, from the shares that are recorded."""

from support.case import Case
from support.series import levels, seconds

# The alert, its objective, the share that may be bad, what is bad; whether moments are counted rather than events.
OBJECTIVES = [
    ("OrewatchGatewayErrorBudgetBurn", "gateway-availability", 0.001, "the calls of the gateway fail, or are refused for want of capacity", False),
    ("OrewatchGatewayLatencyBudgetBurn", "gateway-read-latency", 0.01, "the reads of the gateway take longer than 250 ms", False),
    ("OrewatchRegistryWriteLatencyBudgetBurn", "registry-write-latency", 0.01, "the writes to the registry take longer than 500 ms", False),
    ("OrewatchGatewayCompletenessBudgetBurn", "complete-answers", 0.01, "the answers of the gateway are incomplete", False),
    ("OrewatchWatchDeliveryBudgetBurn", "watch-delivery", 0.01, "what watchers are told comes later than 2.5 s after its commit", False),
    ("OrewatchAlertTimelinessBudgetBurn", "alert-timeliness", 0.001, "the alerts reach no Alertmanager within 60.5 s", False),
    ("OrewatchScoringFreshnessBudgetBurn", "scoring-freshness", 0.005, "the time scores are older than the registry", True),
    ("OrewatchAlertCompletenessBudgetBurn", "alert-completeness", 0.0005, "the time there are firing alerts that nothing confirms", True),
]
# Windows, and how often as fast as allowed the budget may burn in them.
PAIRS = {"critical": [("1h", "5m", 14.4), ("6h", "30m", 6)], "warning": [("1d", "2h", 3), ("3d", "6h", 1)]}
HOLD = {"critical": "2m", "warning": "15m"}
# So many bad events may be chance.
LEAST_BAD = {"alert-timeliness": 1}


def least_bad(slo: str) -> float:
    return LEAST_BAD.get(slo, 4)


ABOVE, BELOW = 1.05, 0.95
STEP = "1m"


def cases(alert: str, slo: str, budget: float, what: str, moments: bool) -> list[Case]:
    made = []
    for severity, pairs in PAIRS.items():
        hold = seconds(HOLD[severity])

        def story(name: str, long, short, events, pair, hold=hold, severity=severity, says="") -> Case:
            """From five minutes on, for half an hour; quiet before and afterwards."""

            def measured(value) -> str:
                return levels(("5m", 0), ("30m", f"{value:.15g}"), ("10m", 0), step=STEP)

            series = {f'slo:sli_error:ratio_rate{pair[0]}{{slo="{slo}"}}': measured(long), f'slo:sli_error:ratio_rate{pair[1]}{{slo="{slo}"}}': measured(short)}
            if not moments:
                series[f'slo:sli_events:increase{pair[0]}{{slo="{slo}"}}'] = measured(events)
            fires, silent = (f"{300 + hold:.0f}s", "34m"), ("5m", f"{300 + hold - seconds(STEP):.0f}s", "35m")
            expected = {"fires": fires, "silent": silent, "says": says} if says else {"silent": (*fires, *silent)}
            return Case(alert, f"{pair[0]}: {name}", series, severity=severity, labels={"slo": slo}, step=STEP, **expected)

        for pair in pairs:
            limit = pair[2] * budget
            enough, few = ((least_bad(slo) + more) / (limit * ABOVE) for more in (0.2, -0.2))
            says = f"{_percent(limit * ABOVE)} of {what}; the objective of 30 days is {100 - budget * 100:g} %."
            made += [
                story("both windows are above", limit * ABOVE, limit * ABOVE, enough, pair, says=says),
                story("it is over: the short window is below", limit * ABOVE, limit * BELOW, enough * 9, pair),
                story("it has just begun: the long window is below", limit * BELOW, limit * ABOVE, enough * 9, pair),
            ]
            if not moments:
                made.append(story("there are too few to tell", limit * ABOVE, limit * ABOVE, few, pair))
    return made


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


CASES = [case for objective in OBJECTIVES for case in cases(*objective)]
