"""Each rule records of raw series what its stories say; and all that stands in it matters."""

import pytest

from cases.raw import SILENCES, burns, courses, of_fewest
from cases.records import stories
from support.mutation import recording_mutants
from support.recorded import followed, recorded, unnoticed
from support.rules import rules

RULES = [pytest.param(rule, id=f"{rule['record']} {rule.get('labels', {}).get('slo', '')}".strip()) for rule in rules("recording.rules.yml")]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_records_what_its_stories_say(rule):
    assert not recorded(rule, stories(rule))


def same(rule: dict, what: str) -> bool:
    """Whether a mutant says what its rule says: of moments that are clamped to 1 the greatest and the sum are one."""
    return rule.get("labels", {}).get("slo") == "alert-completeness" and what.startswith("'max' at ") and what.endswith("-> 'sum'")


@pytest.mark.parametrize("rule", RULES)
def test_nothing_in_a_rule_can_change_unnoticed(rule):
    changed = [mutant for mutant in recording_mutants(rule) if not same(rule, mutant.what)]
    assert changed
    missed = unnoticed(stories(rule), changed)
    assert not missed, f"nothing notices: {missed}"


@pytest.mark.parametrize("burn", [pytest.param(burn, id=f"{burn.slo} {burn.pair[0]}") for burn in burns()])
def test_a_budget_that_burns_is_told_of_from_raw_series(burn):
    assert not followed(courses(burn))


@pytest.mark.parametrize("course", [pytest.param(course, id=f"{course.slo}: {course.name}") for course in (of_fewest(), *SILENCES)])
def test_an_outage_is_told_of(course):
    assert not followed([course])
