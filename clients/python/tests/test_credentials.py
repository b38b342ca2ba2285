"""Credentials that are refused, and those that are renewed."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc
from suite import DATA, Server, run_example

from orewatch_client import connection, errors


@dataclass(frozen=True)
class Guarded:
    """A server that asks who calls, and a key that it knows, of a viewer."""

    server: Server
    key: str


def a_key(principal: str) -> tuple[str, str]:
    """A key, and its entry in the access file."""
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    grant = f'grant {{ principal: "{principal}" role: ROLE_VIEWER }}'
    return f"ow_{principal}_{secret}", f'keys {{ id: "{principal}" secret_sha256: "{digest}" {grant} }}\n'


@pytest.fixture(scope="module")
def guarded(own_suite: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    key, entry = a_key("reader")
    access = tmp_path_factory.mktemp("access") / "access.textproto"
    access.write_text(entry)
    return Guarded(own_suite(f"--access_file={access}"), key)


def test_a_call_without_a_credential_is_unauthenticated(guarded: Guarded) -> None:
    refused = run_example("list_risks", "--address", guarded.server.address)
    assert refused.returncode == 1
    assert "UNAUTHENTICATED (NO_CREDENTIAL)" in refused.stderr
    assert "get a new one" in refused.stderr


def test_a_key_that_is_replaced_meanwhile_is_read_again(guarded: Guarded, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(a_key("reader")[0])
    options = connection.Options(guarded.server.address, api_key_file=key_file)
    attempts = 0

    with connection.connect(options) as channel:
        registry = registry_pb2_grpc.RegistryStub(channel)

        def call() -> registry_pb2.GetHeadResponse:
            nonlocal attempts
            attempts += 1
            if attempts == 2:
                # Whoever looks after the file has put the right one there.
                key_file.write_text(guarded.key + "\n")
            return registry.GetHead(registry_pb2.GetHeadRequest())

        assert errors.persist(call).revision.number >= 0
    assert attempts == 2


def test_a_key_that_is_wrong_twice_is_wrong(guarded: Guarded, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(a_key("reader")[0])
    attempts = 0

    with connection.connect(connection.Options(guarded.server.address, api_key_file=key_file)) as channel:
        registry = registry_pb2_grpc.RegistryStub(channel)

        def call() -> registry_pb2.GetHeadResponse:
            nonlocal attempts
            attempts += 1
            return registry.GetHead(registry_pb2.GetHeadRequest())

        with pytest.raises(grpc.RpcError) as refused:
            errors.persist(call)
    problem = errors.problem_of(refused.value)
    assert (problem.code, problem.reason) == (grpc.StatusCode.UNAUTHENTICATED, "BAD_KEY")
    assert attempts == 2


def test_a_viewer_may_not_write(guarded: Guarded, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(guarded.key)
    arguments = (DATA / "good.csv", "--address", guarded.server.address, "--api_key_file", key_file)
    refused = run_example("import_file", *arguments)
    assert refused.returncode == 1
    assert "PERMISSION_DENIED (ROLE_MISSING)" in refused.stderr
    assert "ROLE_OPERATOR" in refused.stderr
