"""Faults are injected; what pages, when, what the runbook shows then, and whether it clears."""

import contextlib
import re
import time

import pytest

from support.faults import Fault, Page

# What scrapes, evaluations and Alertmanager take, and a machine that is busy.
SLACK_S = 25
CLEARS_WITHIN_S = 120
ATTEMPTS = 3
# A machine that is busy with other tests is slow, and says so.
BUSY = {"OrewatchGatewayLatencyBudgetBurn", "OrewatchRegistryWriteLatencyBudgetBurn", "OrewatchWatchDeliveryBudgetBurn"}


def critical(alerts: list[dict]) -> set[str]:
    return {labels["alertname"] for labels in alerts if labels["severity"] == "critical"}


def _wanted(page: Page) -> dict:
    return page.labels | {"severity": page.severity}


def _in_time_s(installation, page: Page) -> float:
    return page.seen_after_s / installation.rules.scale + installation.rules.hold_s(page.alert, page.severity) + page.waits_s + SLACK_S


def _await_page(installation, page: Page, after: int, begun: float, limit_s: float) -> float:
    """Seconds from the fault to the page."""
    left_s = max(0, begun + limit_s - time.monotonic())
    took_s = installation.pager.await_alert(page.alert, timeout_s=left_s, after=after, labels=_wanted(page))["told_at"] - begun
    assert took_s <= limit_s, f"{page.alert} comes after {took_s:.0f} s instead of {limit_s:.0f} s"
    return took_s


def _await_diagnosis(installation, page: Page) -> None:
    """Shown as soon as it has been scraped."""
    for part, expected in page.shows:
        give_up = time.monotonic() + SLACK_S
        while not (found := _shown(told := installation.told_by(page.alert, part), expected)) and time.monotonic() < give_up:
            time.sleep(0.5)
        assert found, f"{part} of the runbook of {page.alert} does not show {expected}:\n{told[-1][-2000:]}"


def _shown(told: list[str], expected: str) -> bool:
    return any(re.search(expected, one, re.DOTALL) for one in told)


def _await_end_of(installation, page: Page) -> None:
    """It may fire more than once while a fault goes."""
    told = {"alertname": page.alert} | _wanted(page)
    give_up = time.monotonic() + CLEARS_WITHIN_S
    while any(told.items() <= labels.items() for labels in installation.pager.firing()):
        assert time.monotonic() < give_up, f"{page.alert} does not end"
        time.sleep(0.5)


def _rehearse(installation, faults: tuple[Fault, ...], figures: list) -> None:
    pages = [page for fault in faults for page in fault.pages]
    before = len(installation.pager.told())

    with contextlib.ExitStack() as injected:
        awaited = []
        for fault in faults:
            begun = time.monotonic()
            injected.enter_context(fault.inject(installation))
            awaited += [(_in_time_s(installation, page), begun, page) for page in fault.pages]
        for limit_s, begun, page in sorted(awaited, key=lambda one: one[0]):
            took_s = _await_page(installation, page, before, begun, limit_s)
            figures.append((page.alert, took_s, limit_s))
            _await_diagnosis(installation, page)

    for page in pages:
        installation.pager.await_alert(page.alert, "resolved", timeout_s=CLEARS_WITHIN_S, after=before, labels=_wanted(page))
        _await_end_of(installation, page)
    told = critical([one["labels"] for one in installation.pager.told()[before:] if one["status"] == "firing"])
    expected = {page.alert for page in pages}.union(*(fault.follow for fault in faults))
    assert not told - BUSY - expected


def rehearse(installation, faults: tuple[Fault, ...], figures: list) -> None:
    """All of them at the same time. `figures` gets the alerts that have paged, their seconds, and those they may take."""
    if not installation.small_disk.is_one:
        faults = tuple(fault for fault in faults if not fault.needs_root)
    if not faults:
        pytest.skip("only root can make a disk to fill")
    for attempt in range(ATTEMPTS):
        installation.await_health(BUSY)
        for page in (page for fault in faults for page in fault.pages):
            # What followed from the fault before is told no more than once.
            _await_end_of(installation, page)
        begun = time.time()
        try:
            return _rehearse(installation, faults, figures)
        except AssertionError:
            # Says nothing about orewatch where Prometheus did not even see itself.
            if attempt + 1 == ATTEMPTS or not installation.was_blind(begun):
                raise


def name_of(faults: tuple[Fault, ...]) -> str:
    return "+".join(fault.name for fault in faults).replace(" ", "-")
