"""Servers for the tests: one with the fixture for those that only read or keep to what is theirs."""

from collections.abc import Callable, Iterator

import grpc
import pytest
from suite import Server, import_fixture, make_suite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Shared; with the fixture."""
    server = make_suite(tmp_path_factory.mktemp("suite"))
    import_fixture(server)
    yield server
    server.stop()


@pytest.fixture
def channel(suite: Server) -> Iterator[grpc.Channel]:
    with suite.connect() as channel:
        yield channel


@pytest.fixture(scope="module")
def own_suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Makes a suite of the module's own, without data; takes its flags."""
    servers: list[Server] = []

    def make(*flags: str) -> Server:
        servers.append(make_suite(tmp_path_factory.mktemp("suite"), *flags))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
