"""An installation that is watched, for all tests of a file."""

import contextlib
import os

import pytest

from support.installation import Installation

# An hour lasts a minute: the shortest windows of the rules, 2 minutes, still see two scrapes.
TIME_SCALE = 60
# What was paged, after how many seconds, and of how many allowed.
FIGURES: list[tuple[str, float, float]] = []


def before_others() -> None:
    """Where we may: seconds of the wall are measured here, and others on this machine compile."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    before_others()
    with Installation(tmp_path_factory.mktemp("installation"), TIME_SCALE) as started:
        yield started


@pytest.fixture
def figures() -> list:
    return FIGURES


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("seconds from fault to page")
    for alert, took_s, limit_s in FIGURES:
        terminalreporter.line(f"{alert:45} {took_s:6.1f} of {limit_s:.0f}")
