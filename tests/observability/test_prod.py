"""What pods say, with the labels that the Prometheus of prod gives it, makes every alert fire, and says of which installation."""

import copy
import re

import pytest

from cases.burns import PAIRS
from cases.every import CASES
from cases.raw import burns, courses
from programs.kubectl import Unreachable
from support.case import Case
from support.rules import alerts, judge, rules
from support.scraped import Pods, Series, deployed, instance, rendered, stored

ALERTS = alerts()
# What Prometheus puts before each series; and where it comes from that no monitor of ours looks at.
OF_TARGET = {"job", "instance", "namespace", "pod"}
OF_NODES = re.compile(r"kubelet_.+")
HERE = {"cluster": "prod", "namespace": "orewatch"}


def stories() -> list[Case]:
    """Those in which something fires; of budgets, from what processes say and not from what is recorded."""
    firing = [case for case in CASES if case.fires and not any(series.startswith("slo:") for series in case.series)]
    for burn in burns():
        if burn.pair == PAIRS[burn.severity][0]:
            course = courses(burn)[0]
            series = {name: values for name, values in course.series.items() if 'namespace="apart"' in name}
            firing.append(Case(course.alert, course.name, series, course.fires, course.silent, course.severity, {"slo": course.slo}, step=course.step))
    # Of the suite in one process, and of two installations, prod is none.
    return [case for case in firing if not re.search(r'job="(orewatch|node)"|namespace="dev"', "".join(case.series))]


def speaker(objects: tuple, series: Series):
    """The pod of prod that says it."""
    return instance(objects, series["pod"]) if series["pod"] else deployed(objects, series["job"], series["instance"])


def as_said(series: Series) -> Series:
    """Before Prometheus has seen it, and put what of its labels stands in the way out of it."""
    return Series(series.name, tuple((label.removeprefix("exported_"), value) for label, value in series.labels if label not in OF_TARGET))


@pytest.fixture(scope="module")
def objects():
    try:
        return rendered("prod")
    except Unreachable as reason:
        pytest.skip(f"kubectl cannot be had: {reason}")


def scraped(folder, objects: tuple, monitors: list[dict]) -> dict:
    """What each series of the stories is when it is stored."""
    pods, series = Pods(), [Series.parsed(name) for case in stories() for name in case.series]
    ours = [one for one in series if not OF_NODES.fullmatch(one.name)]
    for one in ours:
        pods.address(speaker(objects, one))
        if one.name != "up":
            pods.say(speaker(objects, one), as_said(one))
    found = stored(folder, monitors, pods)
    # The nodes' own monitor keeps the labels that they give.
    made = {one: one.labels + (("namespace", HERE["namespace"]),) for one in series if OF_NODES.fullmatch(one.name)}
    missing = []
    for one in ours:
        labels = found.get((speaker(objects, one).name, None if one.name == "up" else as_said(one)))
        missing += [] if labels else [str(one)]
        made[one] = tuple(sorted((labels or {}).items()))
    assert not missing, f"nobody looks at {missing}"
    return {one: Series(one.name, tuple(sorted(dict(labels).items()))) for one, labels in made.items()}


@pytest.fixture(scope="module")
def in_prod(tmp_path_factory, objects) -> dict:
    return scraped(tmp_path_factory.mktemp("prod"), objects, [one for one in objects if one["kind"] == "PodMonitor"])


def whose(case: Case, series: list[Series], here: dict) -> dict:
    """The labels that say of which installation the alert is: none where it is of no series, or of one that was never there."""
    never_there = case.alert == "OrewatchTargetAbsent" and case.labels.get("job") not in {None, *(one["job"] for one in series)}
    if case.alert == "OrewatchWatchdog" or never_there:
        return {}
    return {label: value for label, value in here.items() if any(one[label] for one in series)}


def as_test(case: Case, series: dict, here: dict) -> dict:
    """The case with other labels, in the language of promtool: who fires, and of which installation."""
    renamed = {series[Series.parsed(name)]: values for name, values in case.series.items()}
    selector = f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}'
    told = {label: value for label, value in case.labels.items() if label not in OF_TARGET - {"job", "pod"}} | whose(case, list(renamed), here)
    named = "{" + ", ".join(f'{label}="{value}"' for label, value in told.items()) + "}"
    by = ", ".join({*case.labels, *HERE} - {"instance"})
    first = {"expr": f"count by ({by}) ({selector})", "eval_time": case.fires[0], "exp_samples": [{"labels": named, "value": 1}]}
    quiet = [{"expr": f"count({selector}) or vector(0)", "eval_time": time, "exp_samples": [{"labels": "{}", "value": 0}]} for time in case.silent]
    inputs = [{"series": str(one), "values": values} for one, values in renamed.items()]
    return {"name": str(case), "interval": case.step, "input_series": inputs, "promql_expr_test": [first, *quiet]}


def on_the_way(case: Case) -> list[dict]:
    """What is recorded of an objective for the pair of windows that the story is about."""
    ends = (*PAIRS[case.severity][0][:2], ":slice")
    return [one for one in rules("recording.rules.yml") if one.get("labels", {}).get("slo") == case.labels["slo"] and one["record"].endswith(ends)]


def verdict(rule: dict, series: dict, here: dict) -> str:
    """Empty where the alert, with all that is recorded for it, does as its stories say."""
    mine = [case for case in stories() if (case.alert, case.severity) == (rule["alert"], rule["labels"]["severity"])]
    assert mine, "no story tells of it"
    recorded = [one for case in mine if "slo" in case.labels for one in on_the_way(case)]
    said = ""
    for step in sorted({case.step for case in mine}):
        done = judge([*recorded, rule], [as_test(case, series, here) for case in mine if case.step == step], step)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


@pytest.mark.parametrize("alert", sorted(ALERTS), ids="-".join)
def test_an_alert_fires_in_prod(alert, in_prod):
    assert not verdict(ALERTS[alert], in_prod, HERE)


def test_a_rule_is_void_that_goes_by_a_label_that_prod_calls_otherwise(in_prod):
    void = 'avg by (cluster, namespace) (cnpg_collector_up{cluster="orewatch-postgres"}) == 0'
    assert verdict(ALERTS["OrewatchPostgresDown", "critical"] | {"expr": void}, in_prod, HERE)


def test_postgresql_names_no_cluster_where_targets_have_none(tmp_path, objects):
    monitors = copy.deepcopy([one for one in objects if one["kind"] == "PodMonitor"])
    for monitor in monitors:
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            del endpoint["relabelings"]
    made = scraped(tmp_path, objects, monitors)
    assert {one["cluster"] for one in made.values()} == {""}
    assert not verdict(ALERTS["OrewatchPostgresDown", "critical"], made, {"namespace": HERE["namespace"]})


MISTAKES = {
    "another port": lambda endpoint: endpoint.update(port="metric"),
    "another path": lambda endpoint: endpoint.update(path="/metric"),
    "what alerts go by is dropped": lambda endpoint: endpoint.update(metricRelabelings=[{"action": "drop", "sourceLabels": ["__name__"], "regex": "cnpg_.+"}]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_monitor_is_found_out_that_sees_nothing(mistake, tmp_path, objects):
    monitors = copy.deepcopy([one for one in objects if one["kind"] == "PodMonitor"])
    (of_postgres,) = [one for one in monitors if one["metadata"]["name"] == "orewatch-postgres"]
    MISTAKES[mistake](of_postgres["spec"]["podMetricsEndpoints"][0])
    with pytest.raises(AssertionError, match="cnpg_collector_up|does not answer"):
        scraped(tmp_path, objects, monitors)
