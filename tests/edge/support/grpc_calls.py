"""gRPC through the edge."""

import grpc

from programs.contracts import Contracts

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
