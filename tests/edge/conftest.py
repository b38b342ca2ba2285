"""The suite as users run it, with the edge before it: TLS outside, tokens checked by both."""

import contextlib
import pathlib

import pytest

from programs import access as keys
from programs import edge as edges
from programs import issuer as issuers
from programs import services
from support.rest import Rest


@pytest.fixture(scope="session")
def issuer(tmp_path_factory) -> issuers.Issuer:
    return issuers.Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def access(tmp_path_factory) -> keys.Access:
    return keys.Access(tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="session")
def suite(tmp_path_factory, issuer, access):
    flags = issuer.flags() | access.flags()
    with services.Suite(tmp_path_factory.mktemp("suite"), flags, importer={"token_file": issuer.token_file()}) as started:
        yield started


@pytest.fixture(scope="session")
def edge(tmp_path_factory, issuer, suite):
    folder = tmp_path_factory.mktemp("edge")
    certificate = issuers.certificate(folder)
    flags = issuer.flags() | certificate.flags() | {"cors_origins": "https://console.example,https://other.example"}
    with edges.Edge(folder, suite.address, flags, ca=certificate.cert) as started:
        yield started


@pytest.fixture(scope="session")
def bearer(issuer) -> dict:
    """The headers of a caller whose token is good for everything."""
    return {"authorization": f"Bearer {issuer.token()}"}


@pytest.fixture(scope="session")
def rest(edge, bearer) -> Rest:
    return Rest(edge, bearer)


@pytest.fixture(scope="session")
def stranger(edge) -> Rest:
    """Calls without any credential."""
    return Rest(edge, {})


@pytest.fixture
def start_edge(tmp_path_factory):
    """Starts further edges, with settings of their own."""
    with contextlib.ExitStack() as started:

        def start(upstream: str, flags: dict, ca: pathlib.Path | None = None) -> edges.Edge:
            return started.enter_context(edges.Edge(tmp_path_factory.mktemp("edge"), upstream, flags, ca=ca))

        yield start


@pytest.fixture
def start_suite(tmp_path_factory):
    """Starts further suites."""
    with contextlib.ExitStack() as started:

        def start(flags: dict, importer: dict) -> services.Suite:
            return started.enter_context(services.Suite(tmp_path_factory.mktemp("suite"), flags, importer))

        yield start
