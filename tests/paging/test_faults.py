"""What breaks pages, as what it is, in time; the runbook shows why; and what is mended clears. Every fault alone: test_every_fault.py."""

import pytest

from support.faults import SHORT
from support.rehearsal import name_of, rehearse, unexpected


def test_in_health_nobody_is_paged(installation):
    installation.await_health(lambda alerts: not unexpected(alerts))
    installation.pager.await_alert("OrewatchWatchdog")
    # As long as the longest of the rules with which faults below are found.
    hold_s = installation.rules.hold_s("OrewatchTargetAbsent", "critical")
    with pytest.raises(AssertionError, match="nobody was told"):
        installation.pager.await_alert("OrewatchTargetDown", timeout_s=hold_s)
    assert not unexpected(installation.pager.firing())


@pytest.mark.parametrize("faults", SHORT, ids=name_of)
def test_faults_page_and_clear(installation, faults, figures):
    rehearse(installation, faults, figures)
