"""What it is for that pods of the manifests serve on for so long: without it, callers look for those that are gone."""

from fleet import Load
from rollout import replace


def test_calls_fail_where_pods_go_before_names_are_forgotten(fleet):
    with Load(fleet) as load:
        replace(fleet, "gateway", serves_on=8)
    print(f"calls {load.calls}, failed {len(load.failures)}")
    assert load.failures
