"""What callers may do once they are let in: roles, API keys, allowances; and that nobody makes himself another."""

import grpc
import pytest

from support.grpc_calls import CONTRACTS, channel_to, reason_of
from support.rest import Rest, detail, error, reason

HEAD, CALLER, MINERALS, EXPORT = "/registry/v1/head", "/gateway/v1/caller", "/registry/v1/minerals", "/registry/v1:export"
BODY = {"displayName": "Testium", "provenance": {"source": "a test"}}


def with_roles(edge, issuer, *roles: str) -> Rest:
    return Rest(edge, {"authorization": f"Bearer {issuer.token(roles=list(roles))}"})


def in_each_form(key: str) -> list:
    return [{"x-api-key": key}, {"authorization": f"Bearer {key}"}]


@pytest.fixture
def key_edge(suite, issuer, start_edge):
    """It leaves API keys to the services."""
    return start_edge(suite.address, issuer.flags() | {"pass_api_keys": 1})


def test_a_role_is_asked_for_by_each_method(edge, issuer):
    create = {"params": {"mineralId": "test-by-role"}, "json": BODY}
    for role in ("viewer", "analyst"):
        caller = with_roles(edge, issuer, role)
        assert reason(error(caller.call("POST", MINERALS, **create), 403, "PERMISSION_DENIED")) == "ROLE_MISSING"
        assert caller.get(f"{MINERALS}/test-by-role").status_code == 404
    assert with_roles(edge, issuer, "operator").ok("POST", MINERALS, **create)["name"] == "minerals/test-by-role"


def test_streams_ask_for_a_role_too(edge, issuer):
    assert reason(error(with_roles(edge, issuer, "viewer").get(EXPORT), 403, "PERMISSION_DENIED")) == "ROLE_MISSING"
    rows = [{"rows": [{"file": "a", "line": "1", "entry": {"mineral": {"name": "minerals/test-unwanted"} | BODY}}]}]
    denied = with_roles(edge, issuer, "analyst").call("POST", "/registry/v1:import", json=rows)
    assert reason(error(denied, 403, "PERMISSION_DENIED")) == "ROLE_MISSING"
    assert with_roles(edge, issuer, "viewer").get(f"{MINERALS}/test-unwanted").status_code == 404


@pytest.mark.parametrize("roles", [[], ["nothing"], ["ROLE_ADMIN"], {"admin": True}])
def test_who_has_no_role_may_do_nothing(edge, issuer, roles):
    caller = Rest(edge, {"authorization": f"Bearer {issuer.token(roles=roles)}"})
    assert reason(error(caller.get(HEAD), 403, "PERMISSION_DENIED")) == "ROLE_MISSING"


def test_the_gateway_asks_for_callers_as_who_they_are(edge, issuer):
    """Through the edge, the gateway and the service behind it."""
    told = Rest(edge, {"authorization": f"Bearer {issuer.token(sub='somebody', roles=['analyst'])}"}).ok("GET", CALLER)
    assert (told["principal"], told["role"], told["credential"]) == ("somebody", "ROLE_ANALYST", "token")


SPOOFED = {"x-orewatch-principal": "mallory", "X-OreWatch-Role": "ROLE_ADMIN", "x-orewatch-anything": "x"}


def test_nobody_outside_speaks_for_another(edge, issuer):
    """Inside, x-orewatch-principal says for whom a service asks. From outside it says nothing, and spoils nothing."""
    viewer = with_roles(edge, issuer, "viewer")
    told = viewer.ok("GET", CALLER, headers=SPOOFED)
    assert (told["principal"], told["role"]) == ("tester", "ROLE_VIEWER")
    create = {"params": {"mineralId": "test-spoofed"}, "json": BODY, "headers": SPOOFED}
    assert reason(error(viewer.call("POST", MINERALS, **create), 403, "PERMISSION_DENIED")) == "ROLE_MISSING"
    operator = with_roles(edge, issuer, "operator")
    operator.ok("POST", MINERALS, **create)
    changes = operator.ok("GET", "/registry/v1:changes", params={"name": "minerals/test-spoofed"})["changeSets"]
    assert [change["principal"]["subject"] for change in changes] == ["tester"]


def test_nobody_outside_speaks_for_another_over_grpc(edge, issuer):
    mineral = CONTRACTS.message("orewatch.registry.v1.Mineral", display_name="Spoofed", provenance={"source": "a test"})
    request = CONTRACTS.message("orewatch.registry.v1.CreateMineralRequest", mineral=mineral, mineral_id="test-spoofed-grpc")
    metadata = [(name.lower(), value) for name, value in SPOOFED.items()]
    with channel_to(edge, issuer.token(roles=["viewer"])) as channel, pytest.raises(grpc.RpcError) as denied:
        CONTRACTS.call(channel, "orewatch.registry.v1.Registry/CreateMineral")(request, timeout=10, metadata=metadata)
    assert (denied.value.code(), reason_of(denied.value)) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING")


def test_an_api_key_is_no_way_round_the_token(edge, access):
    """An edge that was not told that the services check keys lets nobody by who has one, good or not."""
    for headers in in_each_form(access.add_key("wayround", "ROLE_ADMIN")):
        assert reason(error(Rest(edge, headers).get(HEAD), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"


def test_api_keys_through_the_edge(key_edge, access):
    for headers in in_each_form(access.add_key("partner", "ROLE_VIEWER")):
        caller = Rest(key_edge, headers)
        key_edge.await_true(lambda: caller.get(CALLER).status_code == 200, "the key")
        told = caller.ok("GET", CALLER)
        assert (told["principal"], told["role"], told["credential"]) == ("partner", "ROLE_VIEWER", "key")
        denied = caller.call("POST", MINERALS, params={"mineralId": "test-by-key"}, json=BODY)
        assert reason(error(denied, 403, "PERMISSION_DENIED")) == "ROLE_MISSING"
    access.revoke("partner")
    key_edge.await_true(lambda: caller.get(CALLER).status_code == 401, "the end of the key")
    assert reason(error(caller.get(CALLER), 401, "UNAUTHENTICATED")) == "KEY_REVOKED"


@pytest.mark.parametrize("key, refused", [(f"ow_nobody_{'a' * 43}", "BAD_KEY"), ("ow_nobody", "MALFORMED_CREDENTIAL")])
def test_keys_that_the_services_refuse(key_edge, key, refused):
    for headers in in_each_form(key):
        assert reason(error(Rest(key_edge, headers).get(HEAD), 401, "UNAUTHENTICATED")) == refused


@pytest.mark.parametrize("key", ["", "a.b.c"])
def test_what_only_has_the_place_of_a_key_is_no_credential(key_edge, key):
    assert Rest(key_edge, {"x-api-key": key}).get(HEAD).status_code == 401


def test_a_key_beside_a_token_hides_no_fault_of_the_token(key_edge, issuer, access):
    """Such a call passes the edge unseen, and the services take one credential only."""
    both = {"authorization": f"Bearer {issuer.token(exp=1)}", "x-api-key": access.add_key("beside", "ROLE_VIEWER")}
    assert reason(error(Rest(key_edge, both).get(HEAD), 401, "UNAUTHENTICATED")) == "AMBIGUOUS_CREDENTIAL"


def test_where_keys_pass_tokens_are_still_looked_at(key_edge, issuer):
    assert Rest(key_edge, {"authorization": f"Bearer {issuer.token()}"}).ok("GET", HEAD)
    for headers in ({}, {"authorization": f"Bearer {issuer.token(exp=1)}"}):
        assert reason(error(Rest(key_edge, headers).get(HEAD), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"


def test_an_allowance_that_is_used_up_says_when_to_come_again(issuer, start_suite, start_edge):
    # An export costs 100: five of them, and then one in 20 s. The services have to get along with it among themselves, too.
    allowance = {"rate_limit_cost_per_second": 5, "rate_limit_burst": 500}
    # The import is at the cost of another.
    importer = issuer.file.with_name("importer")
    importer.write_text(issuer.token(sub="importer"))
    suite = start_suite(issuer.flags() | allowance, {"token_file": importer})
    edge = start_edge(suite.address, issuer.flags())
    greedy, modest = (Rest(edge, {"authorization": f"Bearer {issuer.token(sub=name)}"}) for name in ("greedy", "modest"))
    assert [greedy.get(EXPORT).status_code for _ in range(6)] == [200] * 5 + [429]
    told = error(greedy.get(EXPORT), 429, "RESOURCE_EXHAUSTED")
    assert reason(told) == "RATE_LIMITED"
    assert 0 < float(detail(told, "RetryInfo")["retryDelay"].rstrip("s")) <= 20
    assert "greedy" in detail(told, "QuotaFailure")["violations"][0]["subject"]
    # Whose token it is counts, not from where they call.
    assert modest.get(EXPORT).status_code == 200
