"""What the pace of rollouts in the manifests is for: without it, callers look for pods that are gone."""

from fleet import Load
from rollout import roll_out


def test_calls_fail_while_pods_follow_one_another_at_once(fleet):
    with Load(fleet) as load:
        roll_out(fleet, "gateway", pause=0)
    print(f"calls {load.calls}, failed {len(load.failures)}")
    assert load.failures
