"""What each recording rule makes of raw series: a story holds the series of several installations, and what is recorded of each."""

import dataclasses

from support.series import counts, levels, seconds

GATEWAY, REGISTRY = "orewatch.gateway.v1.Gateway", "orewatch.registry.v1.Registry"
# Growth of all counters over twice a window: no part of the window is like another.
PHASES = ((1, 1), (0.5, 2), (0.5, 5))
WITHIN = 3.5
# So few calls that less than one comes in a second.
UNIT = 1 / 65536
# cluster, namespace: who shares one does not share the other.
INSTALLATIONS = (("one", "a"), ("one", "b"), ("two", "a"))


@dataclasses.dataclass(frozen=True)
class Story:
    name: str
    series: dict
    step: str
    at: str
    # By the labels of what is recorded.
    expected: dict


def labels(**more) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in more.items()) + "}"


def here(installation: tuple, job: str = "orewatch-gateway", instance: str = "", **more) -> str:
    """The labels of a process of an installation; its instance is that of no other, unless it is given."""
    cluster, namespace = installation
    return labels(cluster=cluster, namespace=namespace, job=job, instance=instance or f"{job}-{cluster}-{namespace}", **more)


def of(installation: tuple) -> str:
    return labels(cluster=installation[0], namespace=installation[1])


def availability(installation: tuple) -> tuple[dict, float, float]:
    codes = {"OK": 8000, "InvalidArgument": 10, "ResourceExhausted": 20}
    bad = {"Unknown": 1, "Unimplemented": 2, "Internal": 4, "Unavailable": 8, "DataLoss": 16, "DeadlineExceeded": 32}
    refused = {"concurrency": 64, "queue_full": 128, "queue_slow": 256, "streams": 512, "connections": 1024, "memory": 2048}
    impatient = 5
    counted = {
        f"grpc_server_handled_total{here(installation, grpc_service=GATEWAY, grpc_method='Search', grpc_code=code)}": weight
        for code, weight in (codes | bad).items()
    }
    counted[f"grpc_server_handled_total{here(installation, grpc_service='grpc.health.v1.Health', grpc_code='Internal')}"] = 900
    counted[f"orewatch_grpc_impatient_calls_total{here(installation, grpc_service=GATEWAY, grpc_method='Search')}"] = impatient
    counted[f"orewatch_grpc_impatient_calls_total{here(installation, grpc_service=REGISTRY, grpc_method='Search')}"] = 800
    counted[f"orewatch_gateway_aggregated_responses_total{here(installation)}"] = 7
    for reason, weight in (refused | {"rate": 300, "draining": 500}).items():
        counted[f"orewatch_grpc_rejected_total{here(installation, reason=reason)}"] = weight
    # Processes without a gateway, each like the first installation's in all but one label.
    for stranger in (here(installation, instance="other", reason="streams"), here(installation, job="orewatch-risk", reason="streams")):
        counted[f"orewatch_grpc_rejected_total{stranger}"] = 700
    if installation == INSTALLATIONS[0]:
        counted[f"orewatch_gateway_aggregated_responses_total{here(installation, instance='shared')}"] = 7
        job_of_risk = here(installation, job="orewatch-risk", instance="shared", reason="streams")
        counted[f"orewatch_grpc_rejected_total{job_of_risk}"] = 700
    else:
        counted[f"orewatch_grpc_rejected_total{here(installation, instance='shared', reason='streams')}"] = 700
    return counted, sum(bad.values()) - impatient + sum(refused.values()), sum(codes.values()) + sum(bad.values()) - impatient


def slow(family: str, le: str, counting: dict, others: dict):
    """Calls slower than `le`: by labels, (all, those within the bound, those within half and twice of it)."""

    def of_installation(installation: tuple) -> tuple[dict, float, float]:
        counted = {}
        for more, (all_, fast) in (counting | others).items():
            same = dict(more)
            counted[f"{family}_count{here(installation, **same)}"] = all_
            for bound, weight in ((le, fast), ("0.1", fast / 2), ("1.5", all_ - 1), ("+Inf", all_)):
                counted[f"{family}_bucket{here(installation, **same, le=bound)}"] = weight
        every = sum(all_ for all_, _ in counting.values())
        return counted, every - sum(fast for _, fast in counting.values()), every

    return of_installation


def key(**more) -> tuple:
    return tuple(more.items())


def completeness(installation: tuple) -> tuple[dict, float, float]:
    lacks = {("risk", "timeout"): 3, ("risk", "unavailable"): 5, ("alerting", "timeout"): 9}
    counted = {
        f"orewatch_gateway_partial_responses_total{here(installation, section=section, cause=cause)}": weight for (section, cause), weight in lacks.items()
    }
    for cause, weight in {"denied": 40, "deadline": 20}.items():
        counted[f"orewatch_gateway_partial_responses_total{here(installation, section='risk', cause=cause)}"] = weight
    counted[f"orewatch_gateway_aggregated_responses_total{here(installation)}"] = 60
    counted[f"orewatch_gateway_aggregated_responses_total{here(installation, instance='second')}"] = 43
    return counted, sum(lacks.values()), 103


WRITES = {
    key(grpc_service=REGISTRY, grpc_method=method): (100 + 10 * number, 50 + number * number)
    for number, method in enumerate(("CreateMineral", "UpdateMineral", "DeleteMineral", "UndeleteMineral", "ApplyChanges"), start=1)
}
READS = {key(grpc_service=REGISTRY, grpc_method=method): (300, 2) for method in ("GetMineral", "Watch")}
SHARES = {
    "gateway-availability": availability,
    "gateway-read-latency": slow(
        "grpc_server_handling_seconds",
        "0.25",
        {key(grpc_service=GATEWAY, grpc_method="Search"): (100, 60), key(grpc_service=GATEWAY, grpc_method="GetOverview"): (50, 45)},
        {key(grpc_service="grpc.health.v1.Health", grpc_method="Check"): (80, 2)},
    ),
    "registry-write-latency": slow(
        "grpc_server_handling_seconds", "0.5", WRITES, READS | {key(grpc_service="other.v1.Registry", grpc_method="CreateMineral"): (70, 5)}
    ),
    "complete-answers": completeness,
    "watch-delivery": slow(
        "orewatch_watch_lag_seconds",
        "2.5",
        {key(job="orewatch-registry"): (100, 60), key(job="orewatch"): (50, 45)},
        {key(job="watch"): (85, 3), key(job="orewatching"): (70, 5)},
    ),
    "alert-timeliness": slow(
        "orewatch_alerting_notify_seconds",
        "60.5",
        {key(stage="dispatch"): (100, 60), key(stage="dispatch", pod="b"): (50, 45)},
        {key(stage="detect"): (80, 3), key(stage="confirm"): (90, 1)},
    ),
}


def steps(window: str) -> str:
    return f"{round(seconds(window) / 20)}s"


def counters(counted: dict, window: str) -> dict:
    width, step = seconds(window), steps(window)
    return {name: counts(*[(f"{part * width:.0f}s", rate * weight * UNIT) for part, rate in PHASES], step=step) for name, weight in counted.items()}


def shares(slo: str, window: str, what) -> list[Story]:
    """Of a rule of which `what` is expected, of bad and all."""
    counted, expected = {}, {}
    for installation in INSTALLATIONS:
        raw, bad, all_ = SHARES[slo](installation)
        counted |= raw
        expected[of(installation)] = what(bad, all_)
    at = f"{2 * seconds(window):.0f}s"
    told = [Story("calls of all kinds", counters(counted, window), steps(window), at, expected)]
    silence = {of(installation): what(0, 0) for installation in INSTALLATIONS}
    told.append(Story("no calls", counters(dict.fromkeys(counted, 0), window), steps(window), at, {} if None in silence.values() else silence))
    if slo == "complete-answers":
        many = {name: weight * (10 if "partial" in name else 1) for name, weight in counted.items()}
        told.append(Story("answers lack several sections", counters(many, window), steps(window), at, {one: what(170, 103) for one in expected}))
    return told


def share_of(bad: float, all_: float) -> float | None:
    return min(bad / all_, 1) if all_ else None


def events_in(window: str):
    return lambda _, all_: all_ * UNIT * WITHIN * seconds(window)


def moments(slo: str, window: str) -> list[Story]:
    """The mean of what is recorded of moments; of another objective there are others."""
    width, step = seconds(window), steps(window)
    parts = ((1, 0.25), (0.5, 0.5), (0.5, 1))
    series = {}
    for installation in INSTALLATIONS:
        for objective, factor in ((slo, 1), ("another", 0.5)):
            name = f'slo:sli_bad:slice{{cluster="{installation[0]}",namespace="{installation[1]}",slo="{objective}"}}'
            series[name] = levels(*[(f"{part * width:.0f}s", value * factor) for part, value in parts], step=step)
    # At the last sample of the second phase twice the window has passed, less a step.
    samples = ([0.25] * 20 + [0.5] * 10 + [1] * 10)[-21:]
    expected = {f'{{cluster="{cluster}",namespace="{namespace}",slo="{slo}"}}': sum(samples) / len(samples) for cluster, namespace in INSTALLATIONS}
    return [Story("some moments are bad", series, step, f"{2 * width - seconds(step):.0f}s", expected)]


PERIOD = "30d"


def of_slo(metric: str, installation: tuple, slo: str) -> str:
    return f'{metric}{{cluster="{installation[0]}",namespace="{installation[1]}",slo="{slo}"}}'


def bad_events() -> list[Story]:
    """Of the share and of all: as many as they are together, of each installation and objective for itself."""
    series, expected = {}, {}
    for number, installation in enumerate(INSTALLATIONS, start=2):
        for slo, share in (("one", 0.25), ("another", 0.5)):
            series[of_slo("slo:sli_error:ratio_rate5m", installation, slo)] = levels(("60s", share))
            series[of_slo("slo:sli_events:increase5m", installation, slo)] = levels(("60s", 40 * number))
            expected[of_slo("", installation, slo)] = 40 * number * share
    return [Story("a share is bad", series, "15s", "45s", expected)]


def left_of_budgets() -> list[Story]:
    """Counted events, of which more were bad before the period than in it, and moments; of what never happened nothing is said."""
    events, bad, moments = "slo:sli_events:increase5m", "slo:sli_bad:increase5m", "slo:sli_bad:slice"
    width, step = seconds(PERIOD), steps(PERIOD)
    # Twenty steps before the period, ten and ten within it; the last sample of what was before still counts.
    weights = {"tight": ((4, 3), (0.5, 0), (0.25, 0.002)), "wide": ((2, 2), (0.25, 0), (0.5, 0.25))}
    budgets = {"tight": 0.125, "wide": 0.5, "moments": 0.25, "nothing": 0.5}
    series = {f'slo:objective:ratio{{slo="{slo}"}}': levels((f"{2 * width:.0f}s", 1 - budget), step=step) for slo, budget in budgets.items()}

    def over_time(*values: float) -> str:
        return levels(*[(f"{part * width:.0f}s", value / 1024) for part, value in zip((1, 0.5, 0.5), values)], step=step)

    expected = {}
    for number, installation in enumerate(INSTALLATIONS, start=1):
        for slo, parts in weights.items():
            series[of_slo(events, installation, slo)] = over_time(*[all_ for all_, _ in parts])
            series[of_slo(bad, installation, slo)] = over_time(*[worse / number for _, worse in parts])
            first, *others = parts
            all_of, bad_of = (first[column] + 10 * sum(part[column] for part in others) for column in (0, 1))
            expected[of_slo("", installation, slo)] = 1 - bad_of / number / all_of / budgets[slo]
        for metric in (events, bad):
            series[of_slo(metric, installation, "nothing")] = over_time(0, 0, 0)
        series[of_slo(moments, installation, "moments")] = over_time(512 / number, 256 / number, 0)
        expected[of_slo("", installation, "moments")] = 1 - (0.5 + 10 * 0.25) / number / 21 / budgets["moments"]
    return [Story("an outage at the beginning of the period", series, step, f"{2 * width - seconds(step):.0f}s", expected)]


def freshness(name: str, expected: float, behind: tuple, applied: tuple, other: tuple | None = None) -> Story:
    """Of two replicas: how far behind (duration, revisions)..., and when each applied last; at the end of five minutes."""
    series, there = {}, INSTALLATIONS[0]
    for instance, lag, last in (("a", behind, applied[0]), ("b", other or ((300, 0),), applied[-1])):
        process = here(there, job="orewatch-risk", instance=instance)
        series[f"orewatch_risk_registry_revision_lag{process}"] = levels(*[(f"{duration}s", value) for duration, value in lag], step="5s")
        series[f"orewatch_risk_last_applied_timestamp_seconds{process}"] = levels(("300s", last), step="5s")
    return Story(name, series, "5s", "295s", {of(there): expected})


def ahead(name: str, expected: float, registry: tuple, applied: float, other: float = 1) -> Story:
    """What one replica of the registry has (duration, revision)..., and what risk, which has heard of nothing newer, has applied; two
    installations are well."""
    series = {}
    for number, there in enumerate(INSTALLATIONS):
        risk = here(there, job="orewatch-risk", instance="a")
        for instance, phases in (("r", registry if number == 0 else ((300, 9),)), ("s", ((300, other),))):
            name_of = f"orewatch_registry_revision{here(there, job='orewatch-registry', instance=instance)}"
            series[name_of] = levels(*[(f"{duration}s", revision) for duration, revision in phases], step="5s")
        values = {"applied_revision": applied if number == 0 else 9, "registry_revision_lag": 0, "last_applied_timestamp_seconds": 100}
        series |= {f"orewatch_risk_{family}{risk}": levels(("300s", value), step="5s") for family, value in values.items()}
    return Story(name, series, "5s", "295s", {of(there): expected if number == 0 else 0 for number, there in enumerate(INSTALLATIONS)})


def confirmation(name: str, expected: float, one: float, other: float, leads: tuple = ((300, 1),)) -> Story:
    """Of two replicas: how many are not confirmed, and whether one leads (duration, 0 or 1)...; at the end of five minutes."""
    there, series = INSTALLATIONS[0], {}
    for instance, value, leading in (("a", one, leads), ("b", other, ((300, 0),))):
        process = here(there, job="orewatch-alerting", instance=instance)
        series[f"orewatch_alerting_unconfirmed{process}"] = levels(("300s", value), step="5s")
        series[f"orewatch_alerting_leader{process}"] = levels(*[(f"{duration}s", led) for duration, led in leading], step="5s")
    return Story(name, series, "5s", "295s", {of(there): expected})


def silence(families: tuple, ago_s: int, expected: dict, step_s: int) -> Story:
    """What was there, and well, until so many seconds ago."""
    there, before = INSTALLATIONS[0], 10
    process = here(there, job="orewatch", instance="a")
    series = {f"{family}{process}": f"{levels((f'{before * step_s}s', value), step=f'{step_s}s')} stale" for family, value in families}
    at = (before - 1) * step_s + ago_s
    return Story(f"nothing for {ago_s} s", series, f"{step_s}s", f"{at}s", {of(there): value for value in expected})


def silences(*families: tuple) -> list[Story]:
    short = [silence(families, 45, (), 5), silence(families, 90, (1,), 5)]
    return [*short, silence(families, 18 * 3600, (1,), 1800), silence(families, 36 * 3600, (), 1800)]


SLICES = {
    "scoring-freshness": [
        freshness("one revision behind for a minute, and nothing applied", 1, ((300, 1),), (225, 295)),
        freshness("both replicas are", 1, ((300, 1),), (100, 100), ((300, 4),)),
        freshness("behind for 45 s", 0, ((250, 0), (50, 1)), (100, 295)),
        freshness("behind for 75 s", 1, ((220, 0), (80, 1)), (100, 295)),
        freshness("not behind", 0, ((300, 0),), (100, 100)),
        freshness("something was applied a minute ago", 0, ((300, 3),), (235, 295)),
        freshness("something is always applied", 0, ((300, 3),), (290, 290)),
        ahead("the registry has had a revision more for long", 1, ((300, 2),), 1),
        ahead("the registry has what risk has", 0, ((300, 2),), 2),
        ahead("the registry has had a revision more for 45 s", 0, ((250, 1), (50, 2)), 1),
        ahead("the registry has had a revision more for 75 s", 1, ((220, 1), (80, 2)), 1),
        ahead("risk has not begun", 0, ((300, 7),), 0),
        *silences(("orewatch_risk_registry_revision_lag", 0), ("orewatch_risk_last_applied_timestamp_seconds", 1)),
    ],
    "alert-completeness": [
        confirmation("one alert is not confirmed", 1, 1, 0),
        confirmation("both replicas have such", 1, 1, 2),
        confirmation("all are confirmed", 0, 0, 0),
        confirmation("nobody leads", 1, 0, 0, ((300, 0),)),
        confirmation("nobody leads, and one is not confirmed", 1, 1, 0, ((300, 0),)),
        confirmation("one led 45 s ago", 0, 0, 0, ((255, 1), (45, 0))),
        confirmation("one led 90 s ago", 1, 0, 0, ((210, 1), (90, 0))),
        *silences(("orewatch_alerting_unconfirmed", 0), ("orewatch_alerting_leader", 1)),
    ],
}


BUDGETS = {"gateway-availability": 0.001, "alert-timeliness": 0.001, "scoring-freshness": 0.005, "alert-completeness": 0.0005}


def stories(rule: dict) -> list[Story]:
    """Of a rule, by what it records."""
    name, slo = rule["record"], rule.get("labels", {}).get("slo", "")
    for prefix in ("slo:sli_error:ratio_rate", "slo:sli_events:increase"):
        if name.startswith(prefix):
            window = name.removeprefix(prefix)
            if slo in SLICES:
                return moments(slo, window)
            return shares(slo, window, share_of if "error" in prefix else events_in(window))
    if name == "slo:sli_bad:increase5m":
        return bad_events()
    if name == "slo:period_error_budget_remaining:ratio":
        return left_of_budgets()
    if name == "slo:sli_bad:slice":
        return SLICES[slo]
    if name == "slo:objective:ratio":
        return [Story("always", {"up": "1"}, "15s", "0s", {"{}": 1 - BUDGETS.get(slo, 0.01)})]
    raise ValueError(f"no stories of {name}")
