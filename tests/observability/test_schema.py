"""The dashboards are of Grafana's own schema, and what is not of it is found."""

import copy

import pytest

from programs.npm import Unreachable
from support.dashboards import boards, panels
from support.schema import problems

MISTAKES = {}


def mistake(function):
    MISTAKES[function.__name__] = function
    return function


def first(board: dict, kind: str) -> dict:
    return next(panel for panel in panels(board) if panel["type"] == kind)


@mistake
def kind_of_panel_that_there_is_not(board):
    first(board, "timeseries")["type"] = "timeserie"


@mistake
def option_of_another_kind_of_panel(board):
    first(board, "timeseries")["options"]["reduceOptions"] = {"calcs": ["lastNotNull"], "fields": "", "values": False}


@mistake
def option_with_a_value_that_there_is_not(board):
    first(board, "stat")["options"]["colorMode"] = "values"


@mistake
def option_deep_within_with_a_typo(board):
    first(board, "timeseries")["options"]["legend"]["displaymode"] = "list"


@mistake
def way_to_draw_that_there_is_not(board):
    first(board, "timeseries")["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] = "stacked"


@mistake
def datasource_by_its_name(board):
    first(board, "stat")["datasource"] = "prometheus"


@mistake
def datasource_with_a_typo(board):
    datasource = first(board, "timeseries")["targets"][0]["datasource"]
    datasource["uuid"] = datasource.pop("uid")


@mistake
def panel_without_a_place(board):
    del first(board, "stat")["gridPos"]


@mistake
def place_without_a_width(board):
    del first(board, "stat")["gridPos"]["w"]


@mistake
def unit_that_there_is_not(board):
    first(board, "timeseries")["fieldConfig"]["defaults"]["unit"] = "requests/s"


@mistake
def limit_without_a_colour(board):
    del first(board, "stat")["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["color"]


@mistake
def limit_as_a_text(board):
    first(board, "stat")["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] = "1"


@mistake
def query_without_an_expression(board):
    target = first(board, "timeseries")["targets"][0]
    target["query"] = target.pop("expr")


@mistake
def query_of_another_format(board):
    first(board, "timeseries")["targets"][0]["format"] = "csv"


@mistake
def annotation_of_old(board):
    annotation = board["annotations"]["list"][0]
    annotation["expr"] = annotation.pop("target")["expr"]


@mistake
def variable_that_is_refreshed_by_a_word(board):
    board["templating"]["list"][1]["refresh"] = "onTimeRangeChanged"


@mistake
def kind_of_variable_that_there_is_not(board):
    board["templating"]["list"][1]["type"] = "label"


@mistake
def field_that_no_dashboard_has(board):
    board["style"] = "dark"


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict:
    """One run of the compiler for all of them."""
    judged = boards()
    for name, plant in MISTAKES.items():
        judged[name] = copy.deepcopy(judged["overview"])
        plant(judged[name])
    try:
        return problems(tmp_path_factory.mktemp("schema"), judged)
    except Unreachable as reason:
        pytest.skip(f"the schema cannot be had: {reason}")


@pytest.mark.parametrize("name", sorted(boards()))
def test_a_dashboard_is_of_the_schema(said, name):
    assert said[name] == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(said, name):
    assert said[name], "the schema takes it"
