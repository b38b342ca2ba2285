"""What rules record, held against stories, by promtool."""

import pathlib
import re
import subprocess
import tempfile

import yaml

from cases.raw import Course
from cases.records import Story
from support.rules import Mutant, alerts, judge, rules


def _parts(story: Story) -> float:
    """promtool compares numbers as they are, so many parts of one are told apart: of shares more than of counts."""
    return 1e6 if max(story.expected.values(), default=0) <= 1 else 1e2


def _samples(story: Story, more: str = "") -> list[dict]:
    def with_more(labels: str) -> str:
        return labels.replace("}", f"{',' if labels != '{}' else ''}{more}}}") if more and more not in labels else labels

    return [{"labels": with_more(labels), "value": float(round(value * _parts(story)))} for labels, value in story.expected.items()]


def _test(story: Story, checks: list[dict]) -> dict:
    series = [{"series": name, "values": values} for name, values in story.series.items()]
    return {"name": story.name, "interval": story.step, "input_series": series, "promql_expr_test": checks}


def _asked(expression: str, story: Story) -> str:
    return f"round(({expression.strip()}) * {_parts(story):g})"


def _check(story: Story, number: int, mutant: Mutant) -> dict:
    asked = f"# Mutant{number}\n{_asked(mutant.rule['expr'], story)}"
    return {"expr": asked, "eval_time": story.at, "exp_samples": _samples(story)}


def recorded(rule: dict, told: list[Story]) -> str:
    """Empty where the rule, evaluated as it stands in its file, records what the stories say."""
    slo = rule.get("labels", {}).get("slo")
    selector = f'{rule["record"]}{{slo="{slo}"}}' if slo else rule["record"]
    more = f'slo="{slo}"' if slo else ""
    said = ""
    for story in told:
        check = {"expr": _asked(selector, story), "eval_time": story.at, "exp_samples": _samples(story, more)}
        done = judge([rule], [_test(story, [check])], story.step)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def unnoticed(told: list[Story], changed: list[Mutant]) -> list[str]:
    """Those of the mutants, all asked at once, of which all stories are true."""
    tests = [_test(story, [_check(story, number, mutant) for number, mutant in enumerate(changed)]) for story in told]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "test.yml"
        file.write_text(yaml.safe_dump({"evaluation_interval": told[0].step, "tests": tests}))
        done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert "parse error" not in said, said
    noticed = {int(number) for number in re.findall(r"# Mutant(\d+)\b", said)}
    return [mutant.what for number, mutant in enumerate(changed) if number not in noticed]


def followed(courses: list[Course]) -> str:
    """Empty where the alert of the courses, and all rules on the way to it, do as they say: in each namespace for itself."""
    first = courses[0]
    on_the_way = [
        rule
        for rule in rules("recording.rules.yml")
        if rule.get("labels", {}).get("slo") == first.slo and rule["record"].endswith((*first.windows, ":slice"))
    ]
    tests = [_course(course) for course in courses]
    done = judge([*on_the_way, alerts()[first.alert, first.severity]], tests, first.step)
    return done.stdout + done.stderr if done.returncode else ""


def _course(course: Course) -> dict:
    checks = []
    for time, count in [*((time, 1) for time in course.fires), *((time, 0) for time in course.silent)]:
        for namespace in ("apart", "suite"):
            told = f'ALERTS{{alertname="{course.alert}",namespace="{namespace}",alertstate="firing"}}'
            checks.append({"expr": f"count({told}) or vector(0)", "eval_time": time, "exp_samples": [{"labels": "{}", "value": count}]})
    series = [{"series": name, "values": values} for name, values in course.series.items()]
    return {"name": course.name, "interval": course.step, "input_series": series, "promql_expr_test": checks}
