"""Every panel says what it shows, in which unit and what to do; and what it asks is asked in PromQL."""

import pytest

from support.dashboards import boards, panels, queries
from support.rules import alerts, judge

BOARDS = boards()
PANELS = [pytest.param(panel, id=f"{name}: {panel['title']}") for name, board in BOARDS.items() for panel in panels(board)]


def test_there_are_five():
    assert set(BOARDS) == {"overview", "service", "alerting", "data", "gateway"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_explained(panel):
    assert panel["title"] and panel["description"].endswith(".") and panel["fieldConfig"]["defaults"]["unit"]
    assert panel["links"] and all(link["title"] and link["url"] for link in panel["links"])
    assert panel["targets"] and all(target["expr"] for target in panel["targets"])
    assert panel["type"] in ("timeseries", "stat", "bargauge", "table")


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_dashboard_can_be_chosen_from_and_is_annotated(name):
    board = BOARDS[name]
    assert board["uid"] == f"orewatch-{name}"
    assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "cluster", "namespace", "job", "pod"]
    assert {one["name"] for one in board["annotations"]["list"]} == {"Starts", "Versions", "Parameters", "Pages"}
    assert len({panel["title"] for panel in panels(board)}) == len(panels(board))


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_panels_lie_side_by_side(name):
    taken = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_links_to_runbooks_are_links_to_alerts():
    names = {name for name, _ in alerts()}
    links = [link["title"] for board in BOARDS.values() for panel in panels(board) for link in panel["links"]]
    linked = {title.removeprefix("Runbook ") for title in links if title.startswith("Runbook ")}
    assert linked <= names


def test_all_queries_are_promql():
    rules = [{"record": "asked", "expr": query.expression} for query in queries()]
    done = judge(rules, [], "1m")
    assert done.returncode == 0, done.stdout + done.stderr
