"""TLS and mutual TLS between the edge and the services."""

import dataclasses
import json

import grpc
import pytest

from programs import issuer as issuers
from programs.access import Access
from support.grpc_calls import CONTRACTS, channel_to
from programs.services import Suite
from support.rest import Rest, error, reason

HEAD, CALLER = "/registry/v1/head", "/gateway/v1/caller"
SERVICE, EDGE, OTHER = (f"spiffe://example.org/{name}" for name in ("orewatch", "edge", "other"))


@dataclasses.dataclass(frozen=True)
class Protected:
    """A suite that is called over mutual TLS alone, and knows the edge's certificate for one of somebody."""

    suite: Suite
    authority: issuers.Authority
    client: issuers.Certificate

    def upstream(self) -> dict:
        return {"upstream_ca": self.authority.file, "upstream_name": SERVICE, "upstream_cert": self.client.cert, "upstream_key": self.client.key}


@pytest.fixture(scope="module")
def protected(tmp_path_factory, issuer):
    folder = tmp_path_factory.mktemp("protected")
    authority = issuers.Authority(folder)
    own, client = authority.issue(folder / "suite", SERVICE), authority.issue(folder / "edge", EDGE)
    access = Access(folder)
    access.add_certificate(f"uri:{EDGE}", "an-edge", "ROLE_ADMIN")
    tls = {"tls_certificate": own.cert, "tls_key": own.key, "tls_client_ca": authority.file, "tls_client_auth": "required"}
    importer = {"token_file": issuer.token_file(), "ca": authority.file, "certificate": client.cert, "key": client.key}
    with Suite(folder, issuer.flags() | access.flags() | tls, importer) as started:
        yield Protected(started, authority, client)


def unreachable(rest: Rest) -> None:
    assert reason(error(rest.get(HEAD), 503, "UNAVAILABLE")) == "SERVICE_UNREACHABLE"


def test_rest_and_grpc_over_mutual_tls(protected, issuer, tmp_path, start_edge, bearer):
    outside = issuers.certificate(tmp_path)
    edge = start_edge(protected.suite.address, issuer.flags() | outside.flags() | protected.upstream(), ca=outside.cert)
    told = Rest(edge, bearer).ok("GET", CALLER)
    assert (told["principal"], told["credential"]) == ("tester", "token")
    assert json.loads(Rest(edge, bearer).get("/registry/v1:export").text.splitlines()[-1])["done"] is True
    with channel_to(edge, issuer.token()) as channel:
        head = CONTRACTS.call(channel, "orewatch.registry.v1.Registry/GetHead")
        assert head(CONTRACTS.message("orewatch.registry.v1.GetHeadRequest"), timeout=10).revision.number > 0


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"authorization": "Bearer ow_"}, {"authorization": "Bearer ow_nobody"}])
def test_nobody_borrows_the_certificate_of_the_edge(protected, issuer, start_edge, headers):
    """Even where the services know it for that of somebody, and the edge leaves keys to them."""
    edge = start_edge(protected.suite.address, issuer.flags() | protected.upstream() | {"pass_api_keys": 1})
    error(Rest(edge, headers).get(CALLER), 401, "UNAUTHENTICATED")


def test_services_without_a_certificate_from_the_edge_are_unreachable(protected, issuer, start_edge, bearer):
    upstream = {name: value for name, value in protected.upstream().items() if name in ("upstream_ca", "upstream_name")}
    unreachable(Rest(start_edge(protected.suite.address, issuer.flags() | upstream), bearer))


def test_a_certificate_of_another_authority_is_not_believed(protected, issuer, tmp_path, start_edge, bearer):
    stranger = issuers.Authority(tmp_path)
    forged = stranger.issue(tmp_path / "edge", EDGE)
    shown = {"upstream_cert": forged.cert, "upstream_key": forged.key}
    unreachable(Rest(start_edge(protected.suite.address, issuer.flags() | protected.upstream() | shown), bearer))
    believed = {"upstream_ca": stranger.file}
    unreachable(Rest(start_edge(protected.suite.address, issuer.flags() | protected.upstream() | believed), bearer))


def test_services_of_another_name_are_not_called(protected, issuer, start_edge, bearer):
    unreachable(Rest(start_edge(protected.suite.address, issuer.flags() | protected.upstream() | {"upstream_name": OTHER}), bearer))


def test_services_with_tls_are_not_called_without(protected, issuer, start_edge, bearer):
    unreachable(Rest(start_edge(protected.suite.address, issuer.flags()), bearer))


def test_tls_alone_known_by_the_host_that_is_called(tmp_path, issuer, start_suite, start_edge, bearer):
    authority = issuers.Authority(tmp_path)
    own = authority.issue(tmp_path / "suite", SERVICE)
    tls = {"tls_certificate": own.cert, "tls_key": own.key}
    suite = start_suite(issuer.flags() | tls, {"token_file": issuer.token_file(), "ca": authority.file})
    edge = start_edge(suite.address, issuer.flags() | {"upstream_ca": authority.file})
    assert Rest(edge, bearer).ok("GET", HEAD)
    with grpc.insecure_channel(suite.address) as channel, pytest.raises(grpc.RpcError) as refused:
        CONTRACTS.call(channel, "orewatch.registry.v1.Registry/GetHead")(CONTRACTS.message("orewatch.registry.v1.GetHeadRequest"), timeout=10)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
