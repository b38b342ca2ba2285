"""Each alert fires, does not fire just below its limits, and clears; and each of its numbers matters."""

import pytest

from cases.every import CASES
from support.case import Case
from support.rules import alerts, as_test, judge, mutants, survivors

ALERTS = alerts()


def cases_of(name: str, severity: str) -> list[Case]:
    return [case for case in CASES if (case.alert, case.severity) == (name, severity)]


def verdict(name: str, severity: str, rule: dict) -> str:
    """Empty where the rule does as its cases say."""
    for step in sorted({case.step for case in cases_of(name, severity)}):
        done = judge([rule], [as_test(case, rule) for case in cases_of(name, severity) if case.step == step], step)
        if done.returncode != 0:
            return done.stdout + done.stderr
    return ""


@pytest.mark.parametrize(("name", "severity"), sorted(ALERTS))
def test_an_alert_does_as_its_cases_say(name, severity):
    assert not verdict(name, severity, ALERTS[name, severity])


@pytest.mark.parametrize(("name", "severity"), sorted(ALERTS))
def test_an_alert_has_cases_in_which_it_fires_and_in_which_it_does_not(name, severity):
    cases = cases_of(name, severity)
    assert any(case.fires and (case.says or name == "OrewatchWatchdog") for case in cases)
    assert name == "OrewatchWatchdog" or any(case.fires and case.silent for case in cases), "nothing says that it clears"


# It has no limit: whatever its expression returns, it fires.
@pytest.mark.parametrize(("name", "severity"), sorted(set(ALERTS) - {("OrewatchWatchdog", "none")}))
def test_no_number_of_an_alert_can_change_unnoticed(name, severity):
    rule = ALERTS[name, severity]
    changed = mutants(rule)
    assert changed or "for" not in rule
    unnoticed = survivors(cases_of(name, severity), changed)
    assert not unnoticed, f"nothing notices: {unnoticed}"
