"""gRPC without generated code: messages are made from the descriptor set that the edge reads too."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from support.envoy_edge import DESCRIPTORS


class Contracts:
    def __init__(self):
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file:
            self._pool.Add(file)

    def message(self, type_name: str, /, **fields):
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(type_name))(**fields)

    def service(self, name: str):
        return self._pool.FindServiceByName(name)

    def call(self, channel: grpc.Channel, method: str):
        """The callable of `package.Service/Method`, of whatever kind the method is."""
        service, _, name = method.partition("/")
        declared = self._pool.FindServiceByName(service).FindMethodByName(name)
        kind = f"{'stream' if declared.client_streaming else 'unary'}_{'stream' if declared.server_streaming else 'unary'}"
        answer = message_factory.GetMessageClass(declared.output_type)
        return getattr(channel, kind)(f"/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString)


CONTRACTS = Contracts()


def channel_to(edge, token: str | None = None) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(edge.ca.read_bytes())
    if token:
        credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(token))
    return grpc.secure_channel(edge.address, credentials)


def refusal(channel: grpc.Channel, metadata: list) -> str | None:
    """The reason for which a harmless call is refused; none if it is not."""
    head = CONTRACTS.call(channel, "orewatch.registry.v1.Registry/GetHead")
    try:
        head(CONTRACTS.message("orewatch.registry.v1.GetHeadRequest"), timeout=10, metadata=metadata)
    except grpc.RpcError as refused:
        return reason_of(refused)
    return None


def reason_of(failed: grpc.RpcError) -> str:
    """The machine-readable one, or the code where there is none."""
    told = CONTRACTS.message("google.rpc.Status")
    told.ParseFromString(dict(failed.trailing_metadata() or ()).get("grpc-status-details-bin", b""))
    info = CONTRACTS.message("google.rpc.ErrorInfo")
    return next((info.reason for detail in told.details if detail.Unpack(info)), failed.code().name)
