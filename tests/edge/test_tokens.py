"""Who is let in at the edge, and what is taken from what they send."""

import ssl
import time

import grpc
import jwt
import pytest
from cryptography import x509

from programs import issuer as issuers
from programs.edge import Edge
from support.grpc_calls import CONTRACTS, channel_to, refusal
from support.rest import Rest, error, reason

HEAD = "/registry/v1/head"


def with_token(edge, token: str) -> Rest:
    return Rest(edge, {"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("algorithm", issuers.MAKERS)
def test_a_good_token_of_each_algorithm(edge, issuer, algorithm):
    assert with_token(edge, issuer.token(algorithm=algorithm)).ok("GET", HEAD)


@pytest.mark.parametrize(
    "claims, refused",
    [
        pytest.param({"exp": 1}, "TOKEN_EXPIRED", id="expired"),
        pytest.param({"exp": None}, "MALFORMED_TOKEN", id="without expiry"),
        pytest.param({"nbf": 4102444800}, "TOKEN_NOT_YET_VALID", id="not yet valid"),
        pytest.param({"aud": "another"}, "WRONG_AUDIENCE", id="wrong audience"),
        pytest.param({"aud": None}, "WRONG_AUDIENCE", id="no audience"),
        pytest.param({"iss": "https://another.example"}, "WRONG_ISSUER", id="wrong issuer"),
        pytest.param({"iss": None}, "WRONG_ISSUER", id="no issuer"),
    ],
)
def test_claims_that_are_refused_by_the_edge_and_by_the_services(edge, suite, issuer, claims, refused):
    """The services trust nobody who stands before them."""
    token = issuer.token(**claims)
    assert reason(error(with_token(edge, token).get(HEAD), 401, "UNAUTHENTICATED")) == "CREDENTIAL_REFUSED"
    assert refusal_of_the_services(suite, token) == refused


def test_a_good_token_past_the_edge(suite, issuer):
    assert refusal_of_the_services(suite, issuer.token()) is None


def refusal_of_the_services(suite, token: str) -> str | None:
    """What they say without an edge before them."""
    with grpc.insecure_channel(suite.address) as channel:
        return refusal(channel, [("authorization", f"Bearer {token}")])


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


def test_the_log_names_the_bearer_and_holds_no_credential(edge, issuer):
    token = issuer.token(sub="somebody")
    answer = with_token(edge, token).get(f"{HEAD}?after.lineage=query-secret", headers={"x-api-key": "ow_a_b"})
    entry = edge.logged(answer.headers["x-request-id"])
    assert (entry["subject"], entry["path"], entry["status"]) == ("somebody", HEAD, answer.status_code)
    assert entry["grpc_method"] == "/orewatch.registry.v1.Registry/GetHead"
    text = edge.access_log.read_text()
    for secret in (token, token.rpartition(".")[2], "query-secret", "ow_a_b"):
        assert secret not in text


def is_let_by(edge, token: str) -> bool:
    """Whether the edge hands it on. The services have other keys, and refuse it for reasons of their own."""
    return reason(error(with_token(edge, token).get(HEAD), 401, "UNAUTHENTICATED")) != "CREDENTIAL_REFUSED"


def test_keys_are_read_again_and_kept_while_there_are_no_good_ones(suite, tmp_path, start_edge):
    own = issuers.Issuer(tmp_path)
    edge = start_edge(suite.address, own.flags() | {"jwt_refresh_s": 1})
    before, after = own.keys["ES256"], issuers.new_key("key-after")
    assert not is_let_by(edge, own.token(after))
    own.publish(before, after)
    edge.await_true(lambda: is_let_by(edge, own.token(after)), "the new key")
    old = own.token(before)
    assert is_let_by(edge, old)
    own.publish(after)
    edge.await_true(lambda: not is_let_by(edge, old), "the end of the old key, in a token that was good before too")
    issuers.replace(own.file, b"no keys at all")
    failed = edge.stat("http.edge.jwt_authn.jwks_fetch_failed")
    edge.await_true(lambda: edge.stat("http.edge.jwt_authn.jwks_fetch_failed") > failed + 1, "two fetches in vain")
    assert is_let_by(edge, own.token(after))


def test_a_certificate_is_read_again_with_no_call_failed(suite, tmp_path, start_edge, bearer):
    first = issuers.certificate(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(first.cert.read_bytes())
    edge = start_edge(suite.address, first.flags(), ca=both)
    rest = Rest(edge, bearer)
    assert rest.ok("GET", HEAD)
    second = issuers.certificate(tmp_path)
    both.write_bytes(both.read_bytes() + second.cert.read_bytes())
    edge.await_true(lambda: _serial(edge, rest) == second.serial(), "the new certificate")


def _serial(edge, rest: Rest) -> int:
    assert rest.ok("GET", HEAD)
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("localhost", edge.port)).encode()).serial_number
