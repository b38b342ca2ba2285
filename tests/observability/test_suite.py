"""The suite in one process, and each service in one of its own, say what they should and no more, whatever callers do."""

import re

import grpc
import pytest

from programs.process import ROOT
from programs.services import SERVICES, Services, Suite
from support.families import asked, documented, exposed, series
from support.strange import Stranger

BUDGET = 5000
BUDGET_OF_SUITE = 10_000
# Of each kind.
THINGS = 100
# Alertmanager's, Envoy's and Prometheus' own.
FOREIGN = re.compile(r"alertmanager_.+|envoy_.+|up|ALERTS")
# A suite has no neighbours to call over a channel of its own, and PostgreSQL where it is given one.
NOT_OF_SUITE = re.compile(r"grpc_client_.+|orewatch_db_.+")


def await_datasets(process) -> None:
    """Until what scores are computed from is shown, which follows the scores: its labels are those of the data."""
    process.await_true(lambda: any(one.startswith('orewatch_dataset_rows{dataset="wgi"') for one in series(process)), "datasets")


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    with Suite(tmp_path_factory.mktemp("suite"), {}, {}) as started:
        await_datasets(started)
        yield started


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    with Services(tmp_path_factory.mktemp("services")) as started:
        started.import_bundled_data()
        await_datasets(started["risk"])
        yield started


def test_what_is_asked_for_is_exposed_by_the_suite(suite):
    missing = {name for name in asked() - exposed([suite]) if not FOREIGN.fullmatch(name)}
    assert {name for name in missing if not NOT_OF_SUITE.fullmatch(name)} == set()


def test_what_the_suite_exposes_is_documented_and_asked_for(suite):
    assert exposed([suite]) - documented() == set()
    assert exposed([suite]) - asked() == set()


def test_what_is_documented_is_exposed_by_the_suite(suite):
    assert {name for name in documented() - exposed([suite]) if not NOT_OF_SUITE.fullmatch(name)} == set()


def disturb(process) -> int:
    """How many resources and rules were made. The calls that did what they were meant to must be among them."""
    with Stranger(process) as stranger:
        stranger.call_everything(3)
        made = stranger.make_things(THINGS)
        stranger.ask_for_pages(100)
        assert {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OK} <= stranger.codes.keys(), stranger.codes
    return made


def test_strange_calls_add_no_series_to_the_suite(suite):
    before = series(suite)
    assert disturb(suite) == 2 * THINGS
    after = series(suite)
    assert after - before == set()
    assert len(after) < BUDGET_OF_SUITE


@pytest.mark.parametrize("name", SERVICES)
def test_strange_calls_add_no_series_to_a_service(services, name):
    before = series(services[name])
    assert disturb(services[name]) == (THINGS if name in ("registry", "alerting") else 0)
    after = series(services[name])
    assert after - before == set()
    assert len(after) < BUDGET
