"""What breaks pages, as what it is, in time; the runbook shows why; and what is mended clears."""

import os
import re
import time

import pytest

from support.faults import FAULTS, Fault

LONG = os.environ.get("OREWATCH_PAGING") == "long"
# What scrapes, evaluations and Alertmanager take, and a machine that is busy.
SLACK_S = 25
CLEARS_WITHIN_S = 120
# A machine that is busy with other tests is slow, and says so.
BUSY = {"OrewatchGatewayLatencyBudgetBurn", "OrewatchRegistryWriteLatencyBudgetBurn", "OrewatchWatchDeliveryBudgetBurn"}


def critical(alerts: list[dict]) -> set[str]:
    return {labels["alertname"] for labels in alerts if labels["severity"] == "critical"}


def await_diagnosis(installation, fault: Fault) -> None:
    """Shown as soon as it has been scraped."""
    for part, expected in fault.shows:
        give_up = time.monotonic() + SLACK_S
        while not (found := shown(told := installation.told_by(fault.alert, part), expected)) and time.monotonic() < give_up:
            time.sleep(0.5)
        assert found, f"{part} of the runbook does not show {expected}:\n{told[-2000:]}"


def shown(told: str, expected: str) -> bool:
    return re.search(expected, told, re.DOTALL) is not None


def await_end_of(installation, alert: str) -> None:
    """It may have followed from the fault before, and is told once."""
    give_up = time.monotonic() + CLEARS_WITHIN_S
    while any(labels["alertname"] == alert for labels in installation.pager.firing()):
        assert time.monotonic() < give_up, f"{alert} does not end"
        time.sleep(0.5)


def test_in_health_nobody_is_paged(installation):
    installation.pager.await_alert("OrewatchWatchdog")
    # As long as the longest of the rules with which faults below are found.
    hold_s = installation.rules.hold_s("OrewatchTargetAbsent", "critical")
    with pytest.raises(AssertionError, match="nobody was told"):
        installation.pager.await_alert("OrewatchTargetDown", timeout_s=hold_s)
    assert critical(installation.pager.firing()) <= BUSY


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if LONG or fault.short], ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault_pages_and_clears(installation, fault):
    await_end_of(installation, fault.alert)
    before, already = len(installation.pager.told()), critical(installation.pager.firing())
    hold_s = installation.rules.hold_s(fault.alert, fault.severity)
    in_time_s = fault.seen_after_s / installation.rules.scale + hold_s + fault.waits_s + SLACK_S
    wanted = fault.labels | {"severity": fault.severity}

    with fault.inject(installation):
        installation.pager.await_alert(fault.alert, timeout_s=in_time_s, after=before, labels=wanted)
        await_diagnosis(installation, fault)

    installation.pager.await_alert(fault.alert, "resolved", timeout_s=CLEARS_WITHIN_S, after=before, labels=wanted)
    told = critical([one["labels"] for one in installation.pager.told()[before:] if one["status"] == "firing"])
    assert told - already - fault.follow - BUSY <= {fault.alert}
