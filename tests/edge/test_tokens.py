"""Who is let in at the edge, and what is taken from what they send."""

import ssl
import time

import grpc
import jwt
import pytest
from cryptography import x509

from support import issuer as issuers
from support.grpc_calls import CONTRACTS, channel_to
from support.processes import Edge
from support.rest import Rest, error, reason

HEAD = "/registry/v1/head"


def with_token(edge, token: str) -> Rest:
    return Rest(edge, {"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("algorithm", issuers.MAKERS)
def test_a_good_token_of_each_algorithm(edge, issuer, algorithm):
    assert with_token(edge, issuer.token(algorithm=algorithm)).ok("GET", HEAD)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="without expiry"),
        pytest.param({"nbf": 4102444800}, id="not yet valid"),
        pytest.param({"aud": "another"}, id="wrong audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"iss": "https://another.example"}, id="wrong issuer"),
        pytest.param({"iss": None}, id="no issuer"),
    ],
)
def test_claims_that_are_refused(edge, issuer, claims):
    assert reason(error(with_token(edge, issuer.token(**claims)).get(HEAD), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"


def test_keys_that_are_refused(edge, issuer):
    stolen_name = issuers.Key("key-ES256", "ES256", issuers.MAKERS["ES256"]())
    unknown = issuers.new_key("key-unknown")
    for key in (stolen_name, unknown):
        error(with_token(edge, issuer.token(key)).get(HEAD), 401, "UNAUTHENTICATED")


def test_a_token_that_is_signed_with_the_public_key_or_not_at_all(edge, issuer):
    claims = {"iss": issuers.ISSUER, "aud": issuers.AUDIENCE, "exp": int(time.time()) + 600}
    unsigned = jwt.encode(claims, None, algorithm="none")
    # PyJWT refuses to take a public key for a secret; its bytes as text pass.
    as_secret = jwt.encode(claims, issuer.file.read_text()[:64], algorithm="HS256", headers={"kid": "key-RS256"})
    for token in (unsigned, as_secret, "a.b.c", "x" * 5000):
        error(with_token(edge, token).get(HEAD), 401, "UNAUTHENTICATED")


def test_without_a_credential_only_health_is_shown(edge, stranger):
    error(stranger.get(HEAD), 401, "UNAUTHENTICATED")
    assert stranger.get("/livez").status_code == 200
    with channel_to(edge) as channel:
        answer = CONTRACTS.call(channel, "grpc.health.v1.Health/Check")(CONTRACTS.message("grpc.health.v1.HealthCheckRequest"), timeout=5)
        assert answer.status == 1
        with pytest.raises(grpc.RpcError) as refused:
            CONTRACTS.call(channel, "orewatch.registry.v1.Registry/GetHead")(CONTRACTS.message("orewatch.registry.v1.GetHeadRequest"), timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture(scope="module")
def edge_for_keys(suite, issuer, tmp_path_factory):
    flags = issuer.flags() | {"pass_api_keys": 1}
    with Edge(tmp_path_factory.mktemp("keys"), suite.address, flags) as started:
        yield started


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_in_small_letters_or_in_capitals(edge, edge_for_keys, issuer, scheme):
    def call(of, credential: str):
        return Rest(of, {"authorization": f"{scheme} {credential}"}).get(HEAD)

    assert call(edge, issuer.token()).status_code == 200
    assert reason(error(call(edge, issuer.token(exp=1)), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"
    assert reason(error(call(edge, "ow_test_secret"), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"
    # What a key is worth is for the services to say.
    answer = call(edge_for_keys, "ow_test_secret")
    assert answer.status_code == 200 or reason(answer.json()) != "CREDENTIAL_REFUSED"
    assert reason(error(call(edge_for_keys, issuer.token(exp=1)), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_another_scheme_is_none(edge, edge_for_keys, issuer, scheme):
    for of, credential in ((edge, issuer.token()), (edge_for_keys, issuer.token()), (edge_for_keys, "ow_test_secret")):
        answer = Rest(of, {"authorization": f"{scheme} {credential}".strip()}).get(HEAD)
        assert answer.status_code == 401


def test_a_token_in_the_query_is_no_credential(stranger, issuer):
    assert stranger.get(f"{HEAD}?access_token={issuer.token()}").status_code == 401


KEYS = [{"x-api-key": "ow_test_secret"}, {"authorization": "Bearer ow_test_secret"}]


@pytest.mark.parametrize("headers", KEYS)
def test_an_api_key_is_no_way_round_the_token(edge, headers):
    """Services that check no keys would let everybody in who sends something that looks like one."""
    error(Rest(edge, headers).get(HEAD), 401, "UNAUTHENTICATED")


def test_api_keys_are_left_to_the_services_where_these_check_them(suite, issuer, start_edge):
    edge = start_edge(suite.address, issuer.flags() | {"pass_api_keys": 1})
    for headers in KEYS:
        answer = Rest(edge, headers).get(HEAD)
        assert answer.status_code == 200 or reason(answer.json()) != "CREDENTIAL_REFUSED"
    error(with_token(edge, issuer.token(exp=1)).get(HEAD), 401, "UNAUTHENTICATED")
    error(Rest(edge, {}).get(HEAD), 401, "UNAUTHENTICATED")


def test_the_log_names_the_bearer_and_holds_no_credential(edge, issuer):
    token = issuer.token(sub="somebody")
    answer = with_token(edge, token).get(f"{HEAD}?after.lineage=query-secret", headers={"x-api-key": "ow_a_b"})
    entry = edge.logged(answer.headers["x-request-id"])
    assert (entry["subject"], entry["path"], entry["status"]) == ("somebody", HEAD, answer.status_code)
    assert entry["grpc_method"] == "/orewatch.registry.v1.Registry/GetHead"
    text = edge.access_log.read_text()
    for secret in (token, token.rpartition(".")[2], "query-secret", "ow_a_b"):
        assert secret not in text


def test_nobody_outside_speaks_for_another(edge, suite, rest, issuer):
    """Inside, x-orewatch-principal says for whom a service asks. From outside it says nothing."""
    spoofed = {"x-orewatch-principal": "mallory", "x-orewatch-role": "ROLE_ADMIN", "X-OreWatch-Anything": "x"}
    body = {"displayName": "Spoofed", "provenance": {"source": "a test"}}
    rest.ok("POST", "/registry/v1/minerals", params={"mineralId": "test-spoofed-rest"}, json=body, headers=spoofed)
    mineral = CONTRACTS.message("orewatch.registry.v1.Mineral", display_name="Spoofed", provenance={"source": "a test"})
    request = CONTRACTS.message("orewatch.registry.v1.CreateMineralRequest", mineral=mineral, mineral_id="test-spoofed-grpc")
    with channel_to(edge, issuer.token()) as channel:
        metadata = [("x-orewatch-principal", "mallory"), ("x-orewatch-role", "ROLE_ADMIN")]
        CONTRACTS.call(channel, "orewatch.registry.v1.Registry/CreateMineral")(request, timeout=10, metadata=metadata)
    for name in ("test-spoofed-rest", "test-spoofed-grpc"):
        changes = rest.ok("GET", "/registry/v1:changes", params={"name": f"minerals/{name}"})["changeSets"]
        assert [change["principal"]["subject"] for change in changes] != ["mallory"]


def test_keys_are_read_again_and_kept_while_there_are_no_good_ones(suite, tmp_path, start_edge):
    own = issuers.Issuer(tmp_path)
    edge = start_edge(suite.address, own.flags() | {"jwt_refresh_s": 1})
    before, after = own.keys["ES256"], issuers.new_key("key-after")
    assert with_token(edge, own.token(after)).get(HEAD).status_code == 401
    own.publish(before, after)
    edge.await_true(lambda: with_token(edge, own.token(after)).get(HEAD).status_code == 200, "the new key")
    assert with_token(edge, own.token(before)).ok("GET", HEAD)
    own.publish(after)
    edge.await_true(lambda: with_token(edge, own.token(before, sub="late")).get(HEAD).status_code == 401, "the end of the old key")
    issuers.replace(own.file, b"no keys at all")
    failed = edge.stat("http.edge.jwt_authn.jwks_fetch_failed")
    edge.await_true(lambda: edge.stat("http.edge.jwt_authn.jwks_fetch_failed") > failed + 1, "two fetches in vain")
    assert with_token(edge, own.token(after)).ok("GET", HEAD)


def test_a_certificate_is_read_again_with_no_call_failed(suite, tmp_path, start_edge):
    first = issuers.certificate(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(first.cert.read_bytes())
    edge = start_edge(suite.address, first.flags(), ca=both)
    rest = Rest(edge, {})
    assert rest.ok("GET", HEAD)
    second = issuers.certificate(tmp_path)
    both.write_bytes(both.read_bytes() + second.cert.read_bytes())
    edge.await_true(lambda: _serial(edge, rest) == second.serial(), "the new certificate")


def _serial(edge, rest: Rest) -> int:
    assert rest.ok("GET", HEAD)
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("localhost", edge.port)).encode()).serial_number
