"""What is asked for is exposed, what is exposed is documented and asked for, and every query of every panel says what happened."""

import re

import pytest

from support.dashboards import boards, queries
from support.families import asked, documented, exposed
from support.outcomes import NONE_OF, OUTCOMES, may_be_zero
from support.stack import stack

LOAD_S = 60
# Alertmanager's, Envoy's and Prometheus' own.
FOREIGN = re.compile(r"alertmanager_.+|envoy_.+|up|ALERTS")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("stack"), LOAD_S) as started:
        yield started


def test_what_is_asked_for_is_exposed(running):
    assert {name for name in asked() - exposed(running.services) if not FOREIGN.fullmatch(name)} == set()


def test_what_is_exposed_is_documented(running):
    assert exposed(running.services) - documented() == set()


def test_what_is_exposed_is_asked_for(running):
    assert exposed(running.services) - asked() == set()


def test_each_call_of_the_load_came_to_what_it_should(running):
    assert running.load.surprises() == []
    assert all(running.load.turns.values()), running.load.turns


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_load_came_to(running, outcome):
    assert max(running.ever(OUTCOMES[outcome]), default=0) > 0, OUTCOMES[outcome]


@pytest.mark.parametrize("query", queries(), ids=str)
def test_a_query_says_what_happened(running, query):
    said = running.ever(query.expression)
    assert said, "it says nothing"
    assert any(said) or may_be_zero(query.expression), "it says 0, as if nothing had happened"


def test_what_there_need_be_none_of_is_asked_for():
    assert {family for families in NONE_OF.values() for family in families} - asked() == set()


@pytest.mark.parametrize("annotation", ["Starts", "Versions", "Parameters"])
def test_what_began_under_the_eyes_of_prometheus_is_marked(running, annotation):
    """Though its series are new, as those of a new pod are."""
    (expression,) = {one["target"]["expr"] for board in boards().values() for one in board["annotations"]["list"] if one["name"] == annotation}
    for name in ("$cluster", "$namespace", "$job", "$pod"):
        expression = expression.replace(name, ".*")
    assert running.ever(expression)


def test_a_start_is_marked_when_it_was(running):
    (expression,) = {one["target"]["expr"] for board in boards().values() for one in board["annotations"]["list"] if one.get("useValueForTime")}
    for name in ("$cluster", "$namespace", "$job", "$pod"):
        expression = expression.replace(name, ".*")
    # Risk was restarted under load, the others before it.
    told = running.prometheus.query_range(expression, running.since, running.until, 2)
    assert {series["metric"]["job"] for series in told for _, at in series["values"] if float(at) / 1000 > running.since} == {"orewatch-risk"}


def test_rules_are_evaluated_without_an_error(running):
    judged = [rule for group in running.prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert judged and {rule["health"] for rule in judged} == {"ok"}, [rule for rule in judged if rule["health"] != "ok"]
