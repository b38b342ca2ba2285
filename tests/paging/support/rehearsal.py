"""Faults are injected; what pages, when, what the runbook shows then, and whether it clears."""

import contextlib
import re
import time

import pytest

from support.faults import Fault, Page
from support.waiting import await_true

# What scrapes, two evaluations and Alertmanager take, which no scale makes shorter: 3 s, and more where compilers have the machine.
OVERHEAD_S = 10
# How long is waited for what comes too late, to say so.
PATIENCE_S = 30
CLEARS_WITHIN_S = 120
ATTEMPTS = 3
# A machine that is busy with other tests is slow, and says so.
BUSY = {"OrewatchGatewayLatencyBudgetBurn", "OrewatchRegistryWriteLatencyBudgetBurn", "OrewatchWatchDeliveryBudgetBurn"}


def unexpected(alerts: list[dict]) -> set[str]:
    """Of these labels the names that nothing but a fault explains. Tickets for budgets that burn slowly stay for hours of the rules after each fault."""
    told = {labels["alertname"] for labels in alerts if labels["severity"] == "critical" or (labels["severity"] == "warning" and "slo" not in labels)}
    return told - BUSY


def _await_page(installation, page: Page, after: int, begun: float, whole: float) -> tuple[float, float]:
    """Seconds from the beginning of the fault to the page, and those it may take, from when the fault is whole."""
    promised_s = page.promised_s(installation.rules)
    left_s = max(0, whole + promised_s + PATIENCE_S - time.monotonic())
    took_s = installation.pager.await_alert(page.alert, timeout_s=left_s, after=after, labels=page.told_as())["told_at"] - begun
    limit_s = whole - begun + promised_s + OVERHEAD_S + installation.heartbeat.lost_s(begun)
    assert took_s <= limit_s, f"{page.alert} comes after {took_s:.0f} s instead of {limit_s:.0f} s"
    return took_s, limit_s


def _await_diagnosis(installation, page: Page) -> None:
    """Shown as soon as it has been scraped."""
    for part, expected in page.shows.items():
        give_up = time.monotonic() + PATIENCE_S
        while not (found := _shown(told := installation.told_by(page.alert, part), expected)) and time.monotonic() < give_up:
            time.sleep(0.5)
        assert found, f"{part} of the runbook of {page.alert} does not show {expected}:\n{told[-1][-2000:]}"


def _shown(told: list[str], expected: str) -> bool:
    return any(re.search(expected, one, re.DOTALL) for one in told)


def _await_end_of(installation, page: Page) -> None:
    """It may fire more than once while a fault goes."""

    def has_ended() -> bool:
        return not any(page.told_as().items() <= labels.items() for labels in installation.pager.firing())

    await_true(has_ended, f"the end of {page.alert}", CLEARS_WITHIN_S)


def _rehearse(installation, faults: tuple[Fault, ...], figures: list) -> None:
    pages = [page for fault in faults for page in fault.pages]
    before = len(installation.pager.told())

    with contextlib.ExitStack() as injected:
        awaited = []
        for fault in faults:
            begun = time.monotonic()
            injected.enter_context(fault.inject(installation))
            awaited += [(page, fault.name, begun, time.monotonic()) for page in fault.pages]
        for page, name, *moments in sorted(awaited, key=lambda one: one[0].promised_s(installation.rules)):
            figures.append((name, page.alert, *_await_page(installation, page, before, *moments)))
            _await_diagnosis(installation, page)

    for page in pages:
        installation.pager.await_alert(page.alert, "resolved", timeout_s=CLEARS_WITHIN_S, after=before, labels=page.told_as())
        _await_end_of(installation, page)
    told = unexpected([one["labels"] for one in installation.pager.told()[before:] if one["status"] == "firing"])
    more = told - {page.alert for page in pages}.union(*(fault.follow for fault in faults))
    assert not more, f"{sorted(more)} came, too"


def rehearse(installation, faults: tuple[Fault, ...], figures: list) -> None:
    """All of them at the same time. `figures` gets faults, the alerts that told of them, after how many seconds, and of how many allowed."""
    if not installation.small_disk.is_one:
        faults = tuple(fault for fault in faults if not fault.needs_root)
    if not faults:
        pytest.skip("only root can make a disk to fill")
    awaited = [page.told_as() for fault in faults for page in fault.pages]

    def is_fine(alerts: list[dict]) -> bool:
        # What has followed from the fault before is not told again.
        return not unexpected(alerts) and not any(page.items() <= labels.items() for page in awaited for labels in alerts)

    for attempt in range(ATTEMPTS):
        installation.await_health(is_fine)
        begun = time.time()
        try:
            return _rehearse(installation, faults, figures)
        except AssertionError:
            # Says nothing about orewatch where Prometheus did not even see itself.
            if attempt + 1 == ATTEMPTS or not installation.was_blind(begun):
                raise


def name_of(faults: tuple[Fault, ...]) -> str:
    return "+".join(fault.name for fault in faults).replace(" ", "-")
