"""What is asked for is exposed, what is exposed is documented and asked for, and every query of every panel has data."""

import re

import pytest

from support.dashboards import queries
from support.families import asked, documented, exposed
from support.stack import stack

LOAD_S = 60
# Alertmanager's, Envoy's and Prometheus' own.
FOREIGN = re.compile(r"alertmanager_.+|envoy_.+|up|ALERTS")
# Panels whose data come from what the load does not run.
WITHOUT_DATA = {
    "The edge is not part of it": re.compile(r"gateway / HTTP "),
    "It runs over embedded databases": re.compile(r"service / Database: "),
    "It has no certificates": re.compile(r"service / Certificates and keys"),
    "It has no keys and no access file": re.compile(r"service / Keys and access files: read"),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("stack"), LOAD_S) as started:
        yield started


# A pool of connections belongs to services that were given a PostgreSQL database.
def of_postgresql(name: str) -> bool:
    return name.startswith("orewatch_db_")


def test_what_is_asked_for_is_exposed(running):
    missing = {name for name in asked() - exposed(running[1]) if not FOREIGN.fullmatch(name) and not of_postgresql(name)}
    assert not missing


def test_what_is_exposed_is_documented(running):
    assert not exposed(running[1]) - documented()


def test_what_is_exposed_is_asked_for(running):
    assert not exposed(running[1]) - asked()


def test_every_query_has_data(running):
    prometheus, _ = running
    empty = [query for query in queries() if not prometheus.query(query.expression)]
    unexpected = [str(query) for query in empty if not any(reason.match(str(query)) for reason in WITHOUT_DATA.values())]
    assert not unexpected, "\n".join(unexpected)


def test_rules_are_evaluated_without_an_error(running):
    prometheus, _ = running
    judged = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert judged and {rule["health"] for rule in judged} == {"ok"}, [rule for rule in judged if rule["health"] != "ok"]
