"""The rendered dashboards, and their queries with the variables filled in."""

import dataclasses
import json

from programs.process import ROOT

FOLDER = ROOT / "deploy/grafana/dashboards"
# What Grafana puts in for All, at the interval at which the test scrapes.
VARIABLES = {"$cluster": ".*", "$namespace": ".*", "$job": ".*", "$pod": ".*", "$__rate_interval": "20s", "$__range": "1m"}


@dataclasses.dataclass(frozen=True)
class Query:
    board: str
    panel: str
    legend: str
    expression: str

    def __str__(self) -> str:
        return f"{self.board} / {self.panel} / {self.legend}"


def boards() -> dict:
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}


def panels(board: dict) -> list[dict]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def filled(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def queries() -> list[Query]:
    return [
        Query(name, panel["title"], target["legendFormat"], filled(target["expr"]))
        for name, board in boards().items()
        for panel in panels(board)
        for target in panel["targets"]
    ]
