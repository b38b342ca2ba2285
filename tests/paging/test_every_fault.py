"""Every fault, one after the other; each alert has one, or a reason why not."""

import pytest

from support.faults import FAULTS, NOT_INJECTED
from support.rehearsal import name_of, rehearse


def test_each_alert_has_a_fault_or_a_reason(installation):
    paged = {page.alert for fault in FAULTS for page in fault.pages}
    assert not paged & set(NOT_INJECTED)
    assert paged | set(NOT_INJECTED) == installation.rules.names()


@pytest.mark.parametrize("faults", [(fault,) for fault in FAULTS], ids=name_of)
def test_a_fault_pages_and_clears(installation, faults, figures):
    rehearse(installation, faults, figures)
