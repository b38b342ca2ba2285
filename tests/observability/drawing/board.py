"""A dashboard as a picture: rows, and panels of the kinds that ours have, as dark as Grafana's."""

import io
import math
import re

import matplotlib

matplotlib.use("Agg")
from matplotlib import patches, pyplot  # noqa: E402
from PIL import Image  # noqa: E402

from drawing.units import written  # noqa: E402
from support.dashboards import filled  # noqa: E402

PAGE, PANEL, EDGE, TEXT, FAINT = "#111217", "#181b1f", "#2c3235", "#ccccdc", "#8e8e9c"
COLOURS = {"green": "#73bf69", "blue": "#5794f2", "yellow": "#f2cc0c", "orange": "#ff9830", "red": "#f2495c", "text": TEXT}
SERIES = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#37872d", "#e0b400", "#fa6400", "#c4162a", "#a352cc"]
# Inches: a column, a row, and what is between panels.
COLUMN, ROW, GAP = 0.75, 0.34, 0.06
SHADES = 128


def draw(board: dict, prometheus, start: float, end: float, file) -> None:
    wide, high = 24 * COLUMN, (max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) + 1.2) * ROW
    source = _Source(prometheus, end)
    figure = pyplot.figure(figsize=(wide, high), facecolor=PAGE)
    figure.text(0.006, 1 - 0.6 * ROW / high, board["title"], color=TEXT, fontsize=15, va="center", weight="bold")
    for panel in board["panels"]:
        place = panel["gridPos"]
        left, top = place["x"] * COLUMN + GAP, (place["y"] + 1.2) * ROW
        if panel["type"] == "row":
            figure.text(left / wide, 1 - (top + ROW / 2) / high, f"▾ {panel['title']}", color=TEXT, fontsize=12, va="center", weight="bold")
            continue
        width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
        box = (left / wide, 1 - (top + height) / high, width / wide, height / high)
        _frame(figure, panel, box, high)
        KINDS[panel["type"]](_Space(figure, box, wide, high), panel, source, start, end)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=72, facecolor=PAGE)
    pyplot.close(figure)
    # A few colours and their shades: a third of the bytes.
    Image.open(drawn).convert("RGB").quantize(SHADES, dither=Image.Dither.NONE).save(file, optimize=True)


def _frame(figure, panel: dict, box: tuple, high: float) -> None:
    left, bottom, width, height = box
    frame = patches.Rectangle((left, bottom), width, height, transform=figure.transFigure, facecolor=PANEL, edgecolor=EDGE, linewidth=0.8, zorder=-1)
    figure.add_artist(frame)
    figure.text(left + 0.004, bottom + height - 0.16 / high, panel["title"], color=TEXT, fontsize=9.5, va="center", weight="bold")


class _Space:
    """The inside of a panel."""

    def __init__(self, figure, box: tuple, wide: float, high: float):
        self._figure, self._box, self._wide, self._high = figure, box, wide, high

    def axes(self, left: float, right: float, top: float, bottom: float):
        """With so many inches kept free on each side."""
        x, y, width, height = self._box
        place = (x + left / self._wide, y + bottom / self._high, width - (left + right) / self._wide, height - (top + bottom) / self._high)
        axes = self._figure.add_axes(place, facecolor=PANEL)
        axes.tick_params(colors=FAINT, labelsize=7.5, length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        return axes

    @property
    def inches(self) -> float:
        return self._box[2] * self._wide

    @property
    def high(self) -> float:
        return self._box[3] * self._high

    def blank(self):
        axes = self.axes(0.1, 0.1, 0.32, 0.08)
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        return axes


class _Source:
    """What Prometheus had at a time, and the names of it: where there is one replica of each job, that says more than an address."""

    def __init__(self, prometheus, at: float):
        self._get, self.query_range, self._at = prometheus.get, prometheus.query_range, at
        self._jobs = {sample["metric"]["instance"]: sample["metric"]["job"] for sample in self.query("up")}

    def query(self, expression: str) -> list[dict]:
        return self._get("query", query=expression, time=self._at)["result"]

    def legend(self, pattern: str, labels: dict) -> str:
        known = labels | {"instance": self._jobs.get(labels.get("instance"), "")}
        told = re.sub(r"\{\{(\w+)\}\}", lambda name: known.get(name[1], ""), pattern.replace("{{job}} {{instance}}", "{{job}}"))
        return told.replace("orewatch-", "").replace("orewatch.", "").strip() or "value"


def _now(panel: dict, source) -> list[tuple]:
    """What the panel's queries return at the end: (labels, legend, value)..."""
    found = []
    for target in panel["targets"]:
        for sample in source.query(filled(target["expr"])):
            value = float(sample["value"][1])
            if not math.isnan(value):
                found.append((sample["metric"], source.legend(target["legendFormat"], sample["metric"]), value))
    return found


def _overridden(panel: dict, legend: str) -> dict:
    """What holds for one series beside what does for all."""
    chosen = [one["properties"] for one in panel["fieldConfig"]["overrides"] if one["matcher"]["options"] == legend]
    return {prop["id"]: prop["value"] for properties in chosen for prop in properties}


def _colour(panel: dict, legend: str, value: float) -> str:
    defaults = panel["fieldConfig"]["defaults"] | _overridden(panel, legend)
    if defaults["color"]["mode"] == "fixed":
        return COLOURS[defaults["color"]["fixedColor"]]
    steps = defaults["thresholds"]["steps"]
    return COLOURS[[step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]]


def _text(panel: dict, value: float) -> str:
    defaults = panel["fieldConfig"]["defaults"]
    words = {name: text["text"] for mapping in defaults["mappings"] if mapping["type"] == "value" for name, text in mapping["options"].items()}
    return words.get(f"{value:g}") or written(value, defaults["unit"], defaults.get("decimals"))


def _nothing(space: _Space) -> None:
    space.blank().text(0.5, 0.5, "No data", color=FAINT, ha="center", va="center", fontsize=10)


def _timeseries(space: _Space, panel: dict, source, start: float, end: float) -> None:
    lines, step = [], max(1, (end - start) / 120)
    for target in panel["targets"]:
        for series in source.query_range(filled(target["expr"]), start, end, step):
            found = {round((time - start) / step): float(value) for time, value in series["values"]}
            if any(not math.isnan(value) for value in found.values()):
                lines.append((source.legend(target["legendFormat"], series["metric"]), found))
    if not lines:
        return _nothing(space)
    columns = max(1, int(space.inches // 1.5))
    shown = sorted(lines, key=lambda line: -max(line[1].values(), default=0))[: columns * 2]
    axes = space.axes(0.62, 0.12, 0.34, 0.30 + 0.15 * math.ceil(len(shown) / columns))
    defaults = panel["fieldConfig"]["defaults"]
    _plot(axes, panel, lines, [line[0] for line in shown], round((end - start) / step), step)
    unit, most = defaults["unit"], defaults.get("max")
    axes.set_xlim(0, end - start)
    least = min(0, axes.get_ylim()[0]) if "min" not in defaults else 0
    axes.set_ylim(least, most + (most - least) * 0.03 if most else max(axes.get_ylim()[1], 1e-9 if unit == "s" else 0.01))
    for limit in defaults.get("thresholds", {"steps": []})["steps"][1:]:
        axes.axhline(limit["value"], color=COLOURS[limit["color"]], linewidth=0.9, linestyle=(0, (4, 3)))
    axes.locator_params(axis="y", nbins=4)
    axes.grid(color=EDGE, linewidth=0.6)
    axes.yaxis.set_major_formatter(lambda value, _: written(value, unit))
    axes.xaxis.set_major_formatter(lambda value, _: f"{int(value) // 60}:{int(value) % 60:02d}")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.05, -0.13), ncol=columns, fontsize=7.5, frameon=False, labelcolor=TEXT, handlelength=1, columnspacing=1)


def _plot(axes, panel: dict, lines: list, shown: list, samples: int, step: float) -> None:
    stacked = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    times, below = [index * step for index in range(samples + 1)], [0.0] * (samples + 1)
    for index, (legend, found) in enumerate(lines):
        fixed = _overridden(panel, legend).get("color")
        colour = COLOURS[fixed["fixedColor"]] if fixed else SERIES[index % len(SERIES)]
        # A gap stays one.
        tops = [low + found.get(place, math.nan) for place, low in enumerate(below)]
        label = (legend if len(legend) < 26 else legend[:25] + "…") if legend in shown else None
        axes.plot(times, tops, color=colour, linewidth=1.1, label=label)
        alone = [place for place in range(samples + 1) if not math.isnan(tops[place]) and all(math.isnan(tops[beside]) for beside in (place - 1, place + 1) if 0 <= beside <= samples)]
        axes.plot([times[place] for place in alone], [tops[place] for place in alone], ".", color=colour, markersize=4)
        if stacked:
            axes.fill_between(times, below, tops, color=colour, alpha=0.4, linewidth=0)
            below = [low if math.isnan(top) else top for low, top in zip(below, tops)]


def _stat(space: _Space, panel: dict, source, *_) -> None:
    found = _now(panel, source)[:12]
    if not found:
        return _nothing(space)
    axes = space.blank()
    rows = max(1, int(space.high // 0.9))
    across = max(math.ceil(len(found) / rows), min(len(found), 2))
    down = math.ceil(len(found) / across)
    size = 26 if len(found) == 1 else 19 if down == 1 else 15
    for index, (_, legend, value) in enumerate(found):
        x, y = (index % across + 0.5) / across, 1 - (index // across + 0.5) / down
        axes.text(x, y + 0.06, _text(panel, value), color=_colour(panel, legend, value), fontsize=size, ha="center", va="center", weight="bold")
        axes.text(x, y - 0.26 / down - 0.05, legend[:24], color=FAINT, fontsize=7.5, ha="center", va="center")


def _bars(space: _Space, panel: dict, source, *_) -> None:
    found = sorted(_now(panel, source), key=lambda one: -one[2])[:14]
    if not found:
        return _nothing(space)
    axes = space.blank()
    defaults = panel["fieldConfig"]["defaults"]
    most = defaults.get("max") or max(value for _, _, value in found) or 1
    for index, (_, legend, value) in enumerate(found):
        middle, thick = 1 - (index + 0.5) / len(found), min(0.7 / len(found), 0.14)
        axes.text(0.33, middle, legend[:26], color=TEXT, fontsize=8, ha="right", va="center")
        axes.barh(middle, 0.48, height=thick, left=0.35, color=EDGE)
        axes.barh(middle, 0.48 * max(0, min(1, value / most)), height=thick, left=0.35, color=_colour(panel, legend, value))
        axes.text(0.85, middle, written(value, defaults["unit"]), color=_colour(panel, legend, value), fontsize=8.5, va="center", weight="bold")
    axes.set(xlim=(0, 1), ylim=(0, 1))


def _table(space: _Space, panel: dict, source, *_) -> None:
    found = sorted(_now(panel, source), key=lambda one: -one[2])
    if not found:
        return _nothing(space)
    axes = space.blank()
    names = sorted({name for labels, _, _ in found for name in labels})
    rows = [[*names, "value"]]
    rows += [[*(labels.get(name, "") for name in names), written(value, panel["fieldConfig"]["defaults"]["unit"])] for labels, _, value in found[:9]]
    step = 1 / max(len(rows), 7)
    for number, row in enumerate(rows):
        y = 1 - (number + 0.5) * step
        for column, text in enumerate(row):
            last = column == len(names)
            place = 0.99 if last else column / len(row)
            axes.text(place, y, text[:24], color=FAINT if number == 0 else TEXT, fontsize=8, ha="right" if last else "left", va="center")
        axes.axhline(y - step / 2, color=EDGE, linewidth=0.5)


KINDS = {"timeseries": _timeseries, "stat": _stat, "bargauge": _bars, "table": _table}
