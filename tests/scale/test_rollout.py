"""Every service replaced at once, as Kubernetes does it: new pods on new addresses, found by names that a resolver keeps, and no call fails."""

import threading
import time

from fleet import API, Load
from rollout import replace, serves_on_s


def test_no_call_fails_while_all_services_are_replaced(fleet):
    old = [replica for those in fleet.replicas.values() for replica in those]
    begin = time.monotonic()
    with Load(fleet) as load:
        rollouts = [threading.Thread(target=replace, args=(fleet, service, serves_on_s(service))) for service in API]
        for one in rollouts:
            one.start()
        for one in rollouts:
            one.join()
        fleet.replicas["gateway"][0].await_true(
            lambda: all(replica.handled() > 0 for those in fleet.replicas.values() for replica in those), "a call of each new replica"
        )
        # For a while nobody of old is there.
        seen = dict(load.calls)
        fleet.replicas["gateway"][0].await_true(lambda: all(load.calls[service] > seen[service] + 50 for service in API), "more calls")
    print(f"{time.monotonic() - begin:.0f} s; calls {load.calls}, failed {len(load.failures)}")
    assert not load.failures
    assert all(replica.process.poll() == 0 for replica in old)
