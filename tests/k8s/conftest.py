import pytest

from programs.kubectl import Unreachable, kubectl


@pytest.fixture(scope="session", autouse=True)
def kubectl_at_hand():
    try:
        kubectl()
    except Unreachable as reason:
        pytest.skip(f"kubectl cannot be had: {reason}")
