"""What breaks pages, as what it is, in time; the runbook shows why; and what is mended clears."""

import contextlib
import os
import re
import time

import pytest

from support.faults import FAULTS, SHORT, Fault, Page

LONG = os.environ.get("OREWATCH_PAGING") == "long"
# Each alone, or several at the same time.
ROUNDS = [(fault,) for fault in FAULTS] if LONG else SHORT
# What scrapes, evaluations and Alertmanager take, and a machine that is busy.
SLACK_S = 25
CLEARS_WITHIN_S = 120
ATTEMPTS = 3
# A machine that is busy with other tests is slow, and says so.
BUSY = {"OrewatchGatewayLatencyBudgetBurn", "OrewatchRegistryWriteLatencyBudgetBurn", "OrewatchWatchDeliveryBudgetBurn"}


def critical(alerts: list[dict]) -> set[str]:
    return {labels["alertname"] for labels in alerts if labels["severity"] == "critical"}


def wanted(page: Page) -> dict:
    return page.labels | {"severity": page.severity}


def in_time_s(installation, page: Page) -> float:
    return page.seen_after_s / installation.rules.scale + installation.rules.hold_s(page.alert, page.severity) + page.waits_s + SLACK_S


def await_page(installation, page: Page, after: int, begun: float, limit_s: float) -> float:
    """Seconds from the fault to the page."""
    left_s = max(0, begun + limit_s - time.monotonic())
    took_s = installation.pager.await_alert(page.alert, timeout_s=left_s, after=after, labels=wanted(page))["told_at"] - begun
    assert took_s <= limit_s, f"{page.alert} comes after {took_s:.0f} s instead of {limit_s:.0f} s"
    return took_s


def await_diagnosis(installation, page: Page) -> None:
    """Shown as soon as it has been scraped."""
    for part, expected in page.shows:
        give_up = time.monotonic() + SLACK_S
        while not (found := shown(told := installation.told_by(page.alert, part), expected)) and time.monotonic() < give_up:
            time.sleep(0.5)
        assert found, f"{part} of the runbook of {page.alert} does not show {expected}:\n{told[-2000:]}"


def shown(told: str, expected: str) -> bool:
    return re.search(expected, told, re.DOTALL) is not None


def await_end_of(installation, page: Page) -> None:
    """It may have followed from the fault before, and is told once."""
    told = {"alertname": page.alert} | wanted(page)
    give_up = time.monotonic() + CLEARS_WITHIN_S
    while any(told.items() <= labels.items() for labels in installation.pager.firing()):
        assert time.monotonic() < give_up, f"{page.alert} does not end"
        time.sleep(0.5)


def test_in_health_nobody_is_paged(installation):
    installation.pager.await_alert("OrewatchWatchdog")
    # As long as the longest of the rules with which faults below are found.
    hold_s = installation.rules.hold_s("OrewatchTargetAbsent", "critical")
    with pytest.raises(AssertionError, match="nobody was told"):
        installation.pager.await_alert("OrewatchTargetDown", timeout_s=hold_s)
    assert critical(installation.pager.firing()) <= BUSY


def rehearse(installation, faults: tuple[Fault, ...], figures: list) -> None:
    pages = [page for fault in faults for page in fault.pages]
    for page in pages:
        await_end_of(installation, page)
    before, already = len(installation.pager.told()), critical(installation.pager.firing())

    with contextlib.ExitStack() as injected:
        awaited = []
        for fault in faults:
            begun = time.monotonic()
            injected.enter_context(fault.inject(installation))
            awaited += [(in_time_s(installation, page), begun, page) for page in fault.pages]
        for limit_s, begun, page in sorted(awaited, key=lambda one: one[0]):
            took_s = await_page(installation, page, before, begun, limit_s)
            figures.append((page.alert, took_s, limit_s))
            await_diagnosis(installation, page)

    for page in pages:
        installation.pager.await_alert(page.alert, "resolved", timeout_s=CLEARS_WITHIN_S, after=before, labels=wanted(page))
        await_end_of(installation, page)
    told = critical([one["labels"] for one in installation.pager.told()[before:] if one["status"] == "firing"])
    expected = {page.alert for page in pages}.union(*(fault.follow for fault in faults))
    assert told - already - BUSY <= expected


@pytest.mark.parametrize("faults", ROUNDS, ids=lambda faults: "+".join(fault.name for fault in faults).replace(" ", "-"))
def test_faults_page_and_clear(installation, faults, figures):
    if any(fault.needs_root for fault in faults) and not installation.small_disk.is_one:
        pytest.skip("only root can make a disk to fill")
    for attempt in range(ATTEMPTS):
        installation.await_health()
        begun = time.time()
        try:
            return rehearse(installation, faults, figures)
        except AssertionError:
            # Says nothing about orewatch where Prometheus did not even see itself.
            if attempt + 1 == ATTEMPTS or not installation.was_blind(begun):
                raise
