"""The rendered rules, and promtool to judge them."""

import dataclasses
import pathlib
import re
import subprocess
import tempfile

import yaml

from programs.process import ROOT
from support.case import Case
from support.series import seconds

MIXIN = ROOT / "deploy/mixin"
RULES = ROOT / "deploy/prometheus/rules"


def groups(file: str) -> list[dict]:
    return yaml.safe_load((RULES / file).read_text())["groups"]


def rules(file: str) -> list[dict]:
    return [rule for group in groups(file) for rule in group["rules"]]


def alerts() -> dict:
    """The alerts by name and severity."""
    return {(rule["alert"], rule["labels"]["severity"]): rule for rule in rules("alerts.rules.yml")}


def judge(judged: list[dict], tests: list[dict], step: str) -> subprocess.CompletedProcess:
    """What promtool says of the rules `judged` in the tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "rules.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "judged", "rules": judged}]}))
        test = pathlib.Path(folder) / "test.yml"
        test.write_text(yaml.safe_dump({"rule_files": [str(file)], "evaluation_interval": step, "tests": tests}))
        return subprocess.run(["promtool", "test", "rules", test], capture_output=True, text=True)


def as_test(case: Case, rule: dict) -> dict:
    """A case in the language of promtool."""
    test = _checks(case, case.alert)
    if case.fires and case.says:
        expected = {"exp_labels": rule["labels"] | case.labels, "exp_annotations": rule["annotations"] | {"description": case.says}}
        test["alert_rule_test"] = [{"eval_time": case.fires[0], "alertname": case.alert, "exp_alerts": [expected]}]
    return test


def _checks(case: Case, *names: str) -> dict:
    """That each alert of those names fires when it should and does not when it should not."""
    checks = []
    for time, count in [*((time, 1) for time in case.fires), *((time, 0) for time in case.silent)]:
        for name in names:
            expression = f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'
            checks.append({"expr": expression, "eval_time": time, "exp_samples": [{"labels": "{}", "value": count}]})
    series = [{"series": name, "values": values} for name, values in case.series.items()]
    return {"name": str(case), "interval": case.step, "input_series": series, "promql_expr_test": checks}


def survivors(cases: list[Case], changed: list) -> list[str]:
    """Those of the mutants, all judged at once, that do as the cases say."""
    names = [f"Mutant{number}" for number in range(len(changed))]
    said = ""
    for step in sorted({case.step for case in cases}):
        rules_of_step = [mutant.rule | {"alert": name} for name, mutant in zip(names, changed)]
        done = judge(rules_of_step, [_checks(case, *names) for case in cases if case.step == step], step)
        said += done.stdout + done.stderr
    told = re.findall(r"Mutant\d+", said)
    return [mutant.what for name, mutant in zip(names, changed) if name not in told]


NUMBER = re.compile(r"(?<![\w.:\[])(\d+(?:\.\d+)?)(?![\w.\]])")
BOUND = re.compile(r'(?<=le=")(\d+(?:\.\d+)?)(?=")')
# Of a subquery, too.
WINDOW = re.compile(r"(?<=\[)(\d+[smhd])(?=[\]:])")


@dataclasses.dataclass(frozen=True)
class Mutant:
    what: str
    rule: dict


def mutants(rule: dict) -> list[Mutant]:
    """The rule with each of its numbers changed: limits, bounds of histograms, windows, and how long it must hold."""
    expression = rule["expr"]
    # Strings are blanked where numbers are looked for; bounds are strings.
    blanked = re.sub(r'"[^"]*"', lambda text: " " * len(text[0]), expression)
    made = []
    for pattern, text, others in ((NUMBER, blanked, _other_numbers), (BOUND, expression, _other_bounds), (WINDOW, expression, _other_durations)):
        for found in pattern.finditer(text):
            for value in others(found[1]):
                changed = expression[: found.start()] + value + expression[found.end() :]
                made.append(Mutant(f"{found[1]} at {found.start()} -> {value}", rule | {"expr": changed}))
    if "for" in rule:
        made += [Mutant(f"for {rule['for']} -> {held}", rule | {"for": held}) for held in _other_durations(rule["for"])]
    return made


def _other_numbers(value: str) -> tuple:
    # Of a count the next one is meant.
    if value.isdigit() and len(value) == 1:
        return (str(int(value) - 1), str(int(value) + 1))
    return (f"{float(value) * 0.8:.15g}", f"{float(value) * 1.25:.15g}")


def _other_bounds(value: str) -> tuple:
    return (f"{float(value) * 2:.15g}",)


def _other_durations(value: str) -> tuple:
    return tuple(f"{round(seconds(value) * factor * 1000)}ms" for factor in (0.5, 2))
