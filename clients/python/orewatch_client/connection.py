"""A channel as a well-behaved client has it: credentials read anew for each call, deadlines, keepalive, retries."""

import argparse
import ipaddress
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from orewatch.alerting.v1 import alerting_pb2
from orewatch.gateway.v1 import gateway_pb2
from orewatch.registry.v1 import registry_pb2
from orewatch.risk.v1 import risk_pb2

# Of a call without a deadline of its own that answers once; a stream may last.
DEFAULT_DEADLINE_SECONDS = 10.0
# The server cuts off whoever pings more often than every 30 s.
KEEPALIVE_SECONDS = 60
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
_REQUEST_ID = "request_id"


@dataclass(frozen=True)
class Options:
    """Where the server is, and who calls."""

    address: str = "127.0.0.1:7100"
    # PEM file of the authorities that are believed; none: no TLS.
    ca: Path | None = None
    # File with a JWT. Read for each call, so that whoever renews the token need tell nobody.
    token_file: Path | None = None
    # File with an API key, read in the same way.
    api_key_file: Path | None = None
    # Whom a server that trusts its network takes the caller for; any other refuses the call.
    principal: str | None = None
    deadline_seconds: float = DEFAULT_DEADLINE_SECONDS


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the flags that options_from reads."""
    parser.add_argument("--address", default=Options.address, help="host:port of the suite, or of the edge")
    parser.add_argument("--ca", type=Path, help="PEM file of trusted authorities; turns TLS on")
    credential = parser.add_mutually_exclusive_group()
    credential.add_argument("--token_file", type=Path, help="file with a JWT, read again for each call")
    credential.add_argument("--api_key_file", type=Path, help="file with an API key, read again for each call")
    credential.add_argument("--principal", help="who calls, where the server trusts its network")


def options_from(flags: argparse.Namespace) -> Options:
    return Options(
        address=flags.address,
        ca=flags.ca,
        token_file=flags.token_file,
        api_key_file=flags.api_key_file,
        principal=flags.principal,
    )


def connect(options: Options) -> grpc.Channel:
    """A channel for any number of calls and threads; close it. ValueError: a credential would travel in the clear."""
    if options.ca is None:
        if (options.token_file or options.api_key_file) and not _is_here(options.address):
            raise ValueError(f"a credential goes to {options.address} over TLS only: give --ca")
        channel = grpc.insecure_channel(options.address, options=_channel_options())
    else:
        trusted = grpc.ssl_channel_credentials(root_certificates=options.ca.read_bytes())
        channel = grpc.secure_channel(options.address, trusted, options=_channel_options())
    return grpc.intercept_channel(channel, _CallDefaults(options))


def may_be_repeated(method: MethodDescriptor) -> bool:
    """Whether a call may be sent again although the first may have arrived: a read, or a write with a request_id.

    Every write that can have one does: the channel sees to that.
    """
    if method.client_streaming or method.server_streaming:
        return False
    if method.name.startswith(("Get", "List", "Explain", "Search")):
        return True
    return _REQUEST_ID in method.input_type.fields_by_name


def service_config() -> str:
    """Repeats what may be repeated when a server is away for a moment; calls of streams are for the program."""
    names = [
        {"service": service.full_name, "method": method.name}
        for service in _services()
        for method in service.methods
        if may_be_repeated(method)
    ]
    retry = {
        "maxAttempts": 5,
        "initialBackoff": "0.1s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps(
        {
            "loadBalancingConfig": [{"round_robin": {}}],
            "methodConfig": [{"name": names, "retryPolicy": retry}],
            "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5},
        }
    )


def _services() -> Iterator[ServiceDescriptor]:
    for file in (registry_pb2, risk_pb2, alerting_pb2, gateway_pb2):
        yield from file.DESCRIPTOR.services_by_name.values()


def _channel_options() -> list[tuple[str, Any]]:
    return [
        ("grpc.service_config", service_config()),
        ("grpc.keepalive_time_ms", KEEPALIVE_SECONDS * 1000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # Else gRPC stops after two pings without data, and never notices that the peer of a quiet stream is dead.
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        # By default 30 s: a name may lead nowhere for as long.
        ("grpc.dns_min_time_between_resolutions_ms", 5000),
        ("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES),
    ]


def _is_here(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if address.startswith("unix:") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_request_id(request: Message) -> Message:
    """The request itself, or a copy with a fresh request_id where it could have one and has none."""
    if _REQUEST_ID not in request.DESCRIPTOR.fields_by_name or getattr(request, _REQUEST_ID):
        return request
    identified = type(request)()
    identified.CopyFrom(request)
    setattr(identified, _REQUEST_ID, str(uuid.uuid4()))
    return identified


# types-grpcio gives the details of a call no type with which they could be replaced.
@dataclass(frozen=True)
class _Details(grpc.ClientCallDetails):
    method: str
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: Any


class _CallDefaults(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Adds to each call the credential as it is now, and a deadline and a request_id where there is none."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        # Once for all attempts, which the channel makes below this.
        return continuation(self._complete(details, self._options.deadline_seconds), _with_request_id(request))

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        return continuation(self._complete(details, None), request)

    def intercept_stream_unary(self, continuation: Callable[..., Any], details: Any, request_iterator: Any) -> Any:
        return continuation(self._complete(details, None), request_iterator)

    def intercept_stream_stream(self, continuation: Callable[..., Any], details: Any, request_iterator: Any) -> Any:
        return continuation(self._complete(details, None), request_iterator)

    def _complete(self, details: Any, deadline_seconds: float | None) -> _Details:
        return _Details(
            method=details.method,
            timeout=deadline_seconds if details.timeout is None else details.timeout,
            metadata=[*(details.metadata or ()), *self._credential()],
            credentials=details.credentials,
            wait_for_ready=details.wait_for_ready,
            compression=details.compression,
        )

    def _credential(self) -> Iterator[tuple[str, str]]:
        if self._options.token_file:
            yield "authorization", f"Bearer {self._options.token_file.read_text().strip()}"
        if self._options.api_key_file:
            yield "x-api-key", self._options.api_key_file.read_text().strip()
        if self._options.principal:
            yield "x-orewatch-principal", self._options.principal
