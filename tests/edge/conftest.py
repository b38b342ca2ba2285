"""The suite as users run it, with the edge before it: TLS outside, tokens checked."""

import pathlib

import pytest

from support import issuer as issuers
from support import processes
from support.rest import Rest


@pytest.fixture(scope="session")
def issuer(tmp_path_factory) -> issuers.Issuer:
    return issuers.Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def suite(tmp_path_factory):
    with processes.Suite(tmp_path_factory.mktemp("suite")) as started:
        yield started


@pytest.fixture(scope="session")
def edge(tmp_path_factory, issuer, suite):
    folder = tmp_path_factory.mktemp("edge")
    certificate = issuers.certificate(folder)
    flags = issuer.flags() | certificate.flags() | {"cors_origins": "https://console.example,https://other.example"}
    with processes.Edge(folder, suite.address, flags, ca=certificate.cert) as started:
        yield started


@pytest.fixture(scope="session")
def rest(edge, issuer) -> Rest:
    """Calls with a token that is good for everything."""
    return Rest(edge, {"authorization": f"Bearer {issuer.token()}"})


@pytest.fixture(scope="session")
def stranger(edge) -> Rest:
    """Calls without any credential."""
    return Rest(edge, {})


@pytest.fixture
def start_edge(tmp_path_factory):
    """Starts further edges, with settings of their own."""
    started = []

    def start(upstream: str, flags: dict, ca: pathlib.Path | None = None) -> processes.Edge:
        started.append(processes.Edge(tmp_path_factory.mktemp("edge"), upstream, flags, ca=ca).__enter__())
        return started[-1]

    yield start
    for one in started:
        one.__exit__(None, None, None)
