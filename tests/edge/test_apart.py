"""The services as processes of their own, each known to its neighbours by a key, and the edge before all four."""

import pytest

from programs.access import Access
from programs.edge import Edge
from programs.process import ROOT, free_port
from programs.services import SERVICES, Services
from support.rest import Rest, error, reason

CALLER, OVERVIEW = "/gateway/v1/caller", "/gateway/v1/overview?limit=3"
# A read of each, through the edge.
READS = {
    "registry": "/registry/v1/head",
    "risk": "/risk/v1/scores?pageSize=1",
    "alerting": "/alerting/v1/rules?pageSize=1",
    "gateway": CALLER,
}
# As docs/security.md has it.
GRANTS = {
    "risk": {"role": "ROLE_ANALYST", "service": "true"},
    "alerting": {"role": "ROLE_ANALYST", "service": "true", "may_speak_for_others": "true"},
    "gateway": {"role": "ROLE_ADMIN", "service": "true", "may_speak_for_others": "true"},
}


@pytest.fixture(scope="module")
def services(tmp_path_factory, issuer):
    folder = tmp_path_factory.mktemp("apart")
    access = Access(folder)
    flags = {name: issuer.flags() | access.flags() for name in SERVICES}
    for name, grant in GRANTS.items():
        key = folder / f"{name}.key"
        key.write_text(access.add_key(f"{name}-1", principal=f"orewatch-{name}", **grant))
        flags[name]["upstream_api_key_file"] = key
    with Services(folder, flags) as started:
        done = started.ctl(f"--token_file={issuer.token_file()}", "import", "--atomic", ROOT / "data")
        assert done.returncode == 0, done.stderr
        yield started


@pytest.fixture(scope="module")
def front(services, issuer, tmp_path_factory):
    flags = issuer.flags() | {f"{one.name}_address": one.address for one in services}
    # Where nothing is: each service has to be found at its own address.
    with Edge(tmp_path_factory.mktemp("edge"), f"127.0.0.1:{free_port()}", flags) as started:
        yield started


@pytest.fixture
def caller(front, bearer) -> Rest:
    return Rest(front, bearer)


def sections(caller: Rest) -> dict:
    overview = caller.ok("GET", OVERVIEW)
    return {name: overview[name]["state"] for name in ("registry", "risk", "alerting")}


def all_fresh(caller: Rest) -> bool:
    answer = caller.get(OVERVIEW)
    return answer.status_code == 200 and set(sections(caller).values()) == {"STATE_FRESH"}


def test_each_service_is_reached(caller, front):
    for path in READS.values():
        front.await_true(lambda: caller.get(path).status_code == 200, f"an answer to {path}")
    assert caller.ok("GET", CALLER)["principal"] == "tester"


def test_the_gateway_asks_all_three_for_the_caller(caller, front):
    front.await_true(lambda: all_fresh(caller), "all sections")


@pytest.mark.parametrize("name", ["registry", "risk", "alerting"])
def test_a_service_that_is_gone_takes_nothing_with_it(caller, front, services, name):
    front.await_true(lambda: all_fresh(caller), "all sections")
    services[name].stop()
    try:
        assert reason(error(caller.get(READS[name]), 503, "UNAVAILABLE")) == "SERVICE_UNREACHABLE"
        for other in READS.keys() - {name}:
            answer = caller.get(READS[other])
            assert answer.status_code == 200, (other, answer.text)
        if name != "registry":
            assert sections(caller)[name] in ("STATE_STALE", "STATE_UNAVAILABLE")
    finally:
        services[name].run()
    front.await_true(lambda: caller.get(READS[name]).status_code == 200, f"the return of {name}")
    front.await_true(lambda: all_fresh(caller), "all sections")
