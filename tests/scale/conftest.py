"""Two replicas of each service, found by names."""

import pytest

from fleet import API, Fleet
from programs.names import Names
from rollout import drain_flags

# What CoreDNS keeps answers for, as kubeadm sets it up.
NAMES_KEPT_S = 30


@pytest.fixture
def fleet(tmp_path):
    with Names(kept_s=NAMES_KEPT_S) as names, Fleet(tmp_path, names, drain_flags()) as started:
        for service in API:
            started.start(service), started.start(service)
        yield started
