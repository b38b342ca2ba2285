"""A write whose answer is lost is sent again by the channel, and happens once."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import grpc
import pytest
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc, resources_pb2
from orewatch.type.v1 import types_pb2
from suite import PATIENCE_SECONDS, Server, eventually

from orewatch_client import connection


class LossyWire:
    """Stands before a server, and hands on what both sides say, until it is told to keep the server's answers."""

    def __init__(self, server: str) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._keeps_answers = threading.Event()
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def keep_answers(self) -> None:
        self._keeps_answers.set()

    def cut(self) -> None:
        """Ends the connections there are. Later ones are good."""
        ends, self._ends = self._ends, []
        self._keeps_answers = threading.Event()
        for end in ends:
            # The other side may have ended it.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # Wakes whoever waits for a connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._ends += [client, server]
            threading.Thread(target=_carry, args=(client, server, threading.Event()), daemon=True).start()
            threading.Thread(target=_carry, args=(server, client, self._keeps_answers), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, keeps: threading.Event) -> None:
    # Until the wire is cut.
    with suppress(OSError):
        while said := source.recv(65536):
            if not keeps.is_set():
                sink.sendall(said)


@pytest.fixture
def wire(suite: Server) -> Iterator[LossyWire]:
    wire = LossyWire(suite.address)
    yield wire
    wire.close()


def request_for(name: str, request_id: str = "") -> registry_pb2.CreateSupplierRequest:
    provenance = types_pb2.Provenance(source="example", as_of="2026")
    supplier = resources_pb2.Supplier(display_name="Once", provenance=provenance)
    return registry_pb2.CreateSupplierRequest(supplier_id=name, supplier=supplier, request_id=request_id)


def exists(registry: registry_pb2_grpc.RegistryStub, name: str) -> bool:
    return any(
        one.name == f"suppliers/{name}" for one in registry.ListSuppliers(registry_pb2.ListSuppliersRequest()).suppliers
    )


def test_a_write_without_a_request_id_is_done_once_though_it_is_sent_twice(
    wire: LossyWire, channel: grpc.Channel
) -> None:
    direct = registry_pb2_grpc.RegistryStub(channel)
    with connection.connect(connection.Options(wire.address, deadline_seconds=PATIENCE_SECONDS)) as lossy:
        registry = registry_pb2_grpc.RegistryStub(lossy)
        # Connected, it waits for nothing else than the answer.
        registry.GetHead(registry_pb2.GetHeadRequest())
        wire.keep_answers()
        request = request_for("sent-twice")
        call = registry.CreateSupplier.future(request)
        eventually("the write", lambda: exists(direct, "sent-twice"))
        assert not call.done()
        wire.cut()
        # Without an id it would be ALREADY_EXISTS: its own first attempt was there before.
        assert call.result().name == "suppliers/sent-twice"
    # What the caller holds is the caller's.
    assert request.request_id == ""


def test_a_request_id_of_the_callers_is_left_as_it_is(channel: grpc.Channel) -> None:
    registry = registry_pb2_grpc.RegistryStub(channel)
    first = registry.CreateSupplier(request_for("own-id", "of-the-callers"))
    assert registry.CreateSupplier(request_for("own-id", "of-the-callers")) == first


def test_each_write_without_one_gets_another(channel: grpc.Channel) -> None:
    registry = registry_pb2_grpc.RegistryStub(channel)
    registry.CreateSupplier(request_for("another-id"))
    with pytest.raises(grpc.RpcError) as failed:
        registry.CreateSupplier(request_for("another-id"))
    assert failed.value.code() is grpc.StatusCode.ALREADY_EXISTS
