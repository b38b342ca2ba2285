"""Families of metrics: those that panels and rules ask for, those that are documented, those that a process exposes."""

import re
import urllib.request

from programs.process import ROOT
from support.dashboards import queries
from support.rules import rules

FAMILY = re.compile(r"\b(?:(?:orewatch|grpc|process|alertmanager|envoy)_\w+|up(?=\{)|ALERTS)\b")
# What is no family: lists of labels, matchers of labels, and other texts.
LABELS = re.compile(r'\b(?:by|on|without|ignoring|group_left) \([^)]*\)|\w+(?:=~|!~|!=|=)"(?:[^"\\]|\\.)*"|"[^"]*"')


def _family(name: str, known: set) -> str:
    base = re.sub(r"_(bucket|count|sum)$", "", name)
    return base if base in known else name


def asked() -> set[str]:
    expressions = [query.expression for query in queries()] + [rule["expr"] for file in ("recording.rules.yml", "alerts.rules.yml") for rule in rules(file)]
    known = documented()
    return {_family(name, known) for expression in expressions for name in FAMILY.findall(LABELS.sub("", expression))}


def documented() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))


def page(process) -> str:
    with urllib.request.urlopen(f"{process.admin}/metrics", timeout=5) as answer:
        return answer.read().decode()


def exposed(processes) -> set[str]:
    return {name for process in processes for name in re.findall(r"^# TYPE (\w+) ", page(process), re.MULTILINE)}


def series(process) -> set[str]:
    """Names with their labels."""
    return {line.rpartition(" ")[0] for line in page(process).splitlines() if not line.startswith("#")}
