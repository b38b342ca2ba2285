"""An installation that is watched, for all tests of a file."""

import contextlib
import os
import pathlib

import pytest

from support.installation import Installation

# An hour lasts a minute.
TIME_SCALE = 60
# Faults, which alert told of them, after how many seconds, and of how many allowed.
FIGURES: list[tuple[str, str, float, float]] = []

AUTOGROUP = pathlib.Path("/proc/self/autogroup")


@contextlib.contextmanager
def before_others():
    """Where we may: seconds of the wall are measured here, and others on this machine compile."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    # Where Linux shares out the CPU by sessions first, that of a process only counts within its own.
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text("-10")
    yield
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text("0")


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    with before_others(), Installation(tmp_path_factory.mktemp("installation"), TIME_SCALE) as started:
        yield started


@pytest.fixture
def figures() -> list:
    return FIGURES


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("seconds from fault to page")
    for fault, alert, took_s, limit_s in FIGURES:
        terminalreporter.line(f"{fault:60} {alert:45} {took_s:6.1f} of {limit_s:.0f}")
