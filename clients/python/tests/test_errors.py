"""Each kind of error, made by a real server, and what the examples do about it."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc, resources_pb2
from orewatch.type.v1 import types_pb2
from suite import Server, free_port, run_example

from orewatch_client import connection, errors
from rename_supplier import change_supplier

Code = grpc.StatusCode


def problem_of_call(call: Callable[[], object]) -> errors.Problem:
    with pytest.raises(grpc.RpcError) as failed:
        call()
    return errors.problem_of(failed.value)


@pytest.fixture
def registry(channel: grpc.Channel) -> registry_pb2_grpc.RegistryStub:
    return registry_pb2_grpc.RegistryStub(channel)


@pytest.fixture
def supplier(registry: registry_pb2_grpc.RegistryStub, request: pytest.FixtureRequest) -> resources_pb2.Supplier:
    """One of the test's own."""
    name = request.node.name.replace("_", "-")
    return registry.CreateSupplier(
        registry_pb2.CreateSupplierRequest(
            supplier_id=name[:60].rstrip("-"),
            supplier=resources_pb2.Supplier(
                display_name="Before", provenance=types_pb2.Provenance(source="example", as_of="2026")
            ),
        )
    )


def test_invalid_argument_names_each_field(registry: registry_pb2_grpc.RegistryStub) -> None:
    wrong = resources_pb2.Supplier(
        display_name="A\x01",
        provenance=types_pb2.Provenance(source="example", as_of="2026-13"),
    )
    request = registry_pb2.CreateSupplierRequest(supplier_id="two-errors", supplier=wrong)
    problem = problem_of_call(lambda: registry.CreateSupplier(request))
    assert (problem.code, problem.reason) == (Code.INVALID_ARGUMENT, "INVALID_FIELD")
    fields = {field for field, _ in problem.violations}
    assert {"supplier.display_name", "supplier.provenance.as_of"} <= fields
    assert "  supplier.provenance.as_of: " in str(problem)


def test_not_found_says_what_is_not_there(registry: registry_pb2_grpc.RegistryStub) -> None:
    request = registry_pb2.GetSupplierRequest(name="suppliers/nobody")
    problem = problem_of_call(lambda: registry.GetSupplier(request))
    assert problem.code is Code.NOT_FOUND
    assert problem.reason
    assert "suppliers/nobody" in problem.message


def test_already_exists_says_which(registry: registry_pb2_grpc.RegistryStub, supplier: resources_pb2.Supplier) -> None:
    again = registry_pb2.CreateSupplierRequest(
        supplier_id=supplier.name.removeprefix("suppliers/"),
        supplier=resources_pb2.Supplier(display_name="Other", provenance=supplier.provenance),
    )
    problem = problem_of_call(lambda: registry.CreateSupplier(again))
    assert problem.code is Code.ALREADY_EXISTS
    assert supplier.name in problem.message


def test_failed_precondition_says_what_must_be_put_right(registry: registry_pb2_grpc.RegistryStub) -> None:
    # Its production still refers to it.
    request = registry_pb2.DeleteMineralRequest(name="minerals/cobalt")
    problem = problem_of_call(lambda: registry.DeleteMineral(request))
    assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "STILL_REFERENCED")


def test_aborted_reads_again_and_keeps_what_the_other_wrote(
    registry: registry_pb2_grpc.RegistryStub, supplier: resources_pb2.Supplier
) -> None:
    attempts = 0

    def rename(read: resources_pb2.Supplier) -> list[str]:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            # Somebody else is faster.
            change_supplier(registry, supplier.name, write_alias)
        read.display_name = "After"
        return ["display_name"]

    def write_alias(read: resources_pb2.Supplier) -> list[str]:
        read.aliases.append("Theirs")
        return ["aliases"]

    changed = change_supplier(registry, supplier.name, rename)
    assert attempts == 2
    assert (changed.display_name, list(changed.aliases)) == ("After", ["Theirs"])


def test_aborted_again_and_again_gives_up(
    registry: registry_pb2_grpc.RegistryStub, supplier: resources_pb2.Supplier
) -> None:
    attempts = 0

    def always_late(read: resources_pb2.Supplier) -> list[str]:
        nonlocal attempts
        attempts += 1
        change_supplier(registry, supplier.name, lambda other: _rename(other, f"Theirs {attempts}"))
        return _rename(read, "Ours")

    problem = problem_of_call(lambda: change_supplier(registry, supplier.name, always_late))
    assert problem.code is Code.ABORTED
    assert attempts == 5


def _rename(supplier: resources_pb2.Supplier, display_name: str) -> list[str]:
    supplier.display_name = display_name
    return ["display_name"]


def test_permission_denied_tells_the_user_whom_to_ask(suite: Server) -> None:
    with suite.connect(principal="alice") as channel:
        registry_pb2_grpc.RegistryStub(channel).CreateSupplier(
            registry_pb2.CreateSupplierRequest(
                supplier_id="of-alice",
                supplier=resources_pb2.Supplier(
                    display_name="Hers",
                    provenance=types_pb2.Provenance(source="example", as_of="2026"),
                    visibility=types_pb2.Visibility(owner="alice", readers=["bob"]),
                ),
            )
        )
    arguments = ("suppliers/of-alice", "His", "--address", suite.address, "--principal")
    refused = run_example("rename_supplier", *arguments, "bob")
    assert refused.returncode == 1
    assert "PERMISSION_DENIED (NOT_OWNER)" in refused.stderr
    assert "ask its owner" in refused.stderr
    # For whoever may not read it there is none.
    assert "NOT_FOUND" in run_example("rename_supplier", *arguments, "carol").stderr
    assert "is now 'His'" in run_example("rename_supplier", *arguments, "alice").stdout


def test_out_of_range_says_that_there_is_no_such_revision(suite: Server) -> None:
    refused = run_example(
        "rename_supplier", "suppliers/lynas", "Lynas", "--min_revision", 1_000_000, "--address", suite.address
    )
    assert refused.returncode == 1
    assert "OUT_OF_RANGE (REVISION_ABOVE_HEAD)" in refused.stderr
    assert "ask without one" in refused.stderr


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[registry_pb2_grpc.RegistryStub, Callable[[], object]]]:
    """A registry with room for one stream, which is taken; and what makes room."""
    server = Server("orewatch-registry", tmp_path, [f"--data_dir={tmp_path}", "--max_streams=1"])
    server.start()
    with server.connect() as channel:
        registry = registry_pb2_grpc.RegistryStub(channel)
        # Creates a first revision to be streamed.
        registry.ApplyChanges(registry_pb2.ApplyChangesRequest(mutations=[a_mineral()]))
        stream = registry.Watch(registry_pb2.WatchRequest())
        assert next(stream).changes
        yield registry, stream.cancel
        stream.cancel()
    server.stop()


def a_mineral() -> registry_pb2.Mutation:
    provenance = types_pb2.Provenance(source="example", as_of="2026")
    mineral = resources_pb2.Mineral(
        name="minerals/cobalt", display_name="Cobalt", kind=resources_pb2.Mineral.KIND_ELEMENT, provenance=provenance
    )
    return registry_pb2.Mutation(
        operation=registry_pb2.Mutation.OPERATION_CREATE, entry=resources_pb2.Entry(mineral=mineral)
    )


def test_resource_exhausted_waits_as_long_as_it_is_told(
    full: tuple[registry_pb2_grpc.RegistryStub, Callable[[], object]],
) -> None:
    registry, make_room = full
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        make_room()
        threading.Event().wait(seconds)

    first = errors.persist(lambda: next(registry.Watch(registry_pb2.WatchRequest())), sleep=sleep)
    assert first.changes
    assert pauses
    assert all(pause > 0 for pause in pauses)


def test_resource_exhausted_gives_up_after_its_patience(
    full: tuple[registry_pb2_grpc.RegistryStub, Callable[[], object]],
) -> None:
    registry, _ = full
    pauses: list[float] = []
    problem = problem_of_call(
        lambda: errors.persist(
            lambda: next(registry.Watch(registry_pb2.WatchRequest())), patience_seconds=3, sleep=pauses.append
        )
    )
    assert (problem.code, problem.reason) == (Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS")
    assert problem.retry_seconds
    assert 0 < sum(pauses) <= 3


def test_deadline_exceeded_where_no_answer_comes_in_time() -> None:
    # It takes connections, and says nothing on them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = connection.Options(f"127.0.0.1:{silent.getsockname()[1]}", deadline_seconds=0.2)
        with connection.connect(options) as channel:
            problem = problem_of_call(
                lambda: registry_pb2_grpc.RegistryStub(channel).GetHead(registry_pb2.GetHeadRequest())
            )
    assert problem.code is Code.DEADLINE_EXCEEDED
    # Not of orewatch's making.
    assert problem.reason == ""


def test_unavailable_is_told_with_what_to_do() -> None:
    told = run_example("list_risks", "--address", f"127.0.0.1:{free_port()}")
    assert told.returncode == 1
    assert "UNAVAILABLE" in told.stderr
    assert "the server is away" in told.stderr


def test_a_credential_goes_nowhere_in_the_clear(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    told = run_example("list_risks", "--address", "192.0.2.1:7100", "--token_file", token)
    assert told.returncode == 2
    assert "over TLS only" in told.stderr


def test_reads_and_writes_with_a_request_id_alone_may_be_repeated() -> None:
    methods = registry_pb2.DESCRIPTOR.services_by_name["Registry"].methods_by_name
    repeated = {name for name, method in methods.items() if connection.may_be_repeated(method)}
    assert {"GetSupplier", "ListSuppliers", "Search", "UpdateSupplier", "ApplyChanges"} <= repeated
    assert not {"Import", "Watch", "Export", "Compact"} & repeated
