"""gRPC through the edge, gRPC-Web, and pages that may call."""

import base64
import json
import time

import grpc
import pytest

from support.grpc_calls import CONTRACTS, channel_to
from support.rest import Rest, error

REGISTRY = "orewatch.registry.v1"
ALLOWED, OTHER = "https://console.example", "https://evil.example"
GET_HEAD = f"/{REGISTRY}.Registry/GetHead"


@pytest.fixture
def channel(edge, issuer):
    with channel_to(edge, issuer.token()) as opened:
        yield opened


def get_mineral(name: str):
    return CONTRACTS.message(f"{REGISTRY}.GetMineralRequest", name=name)


def test_calls_reach_each_service(channel):
    for method, request in (
        ("orewatch.registry.v1.Registry/GetHead", "orewatch.registry.v1.GetHeadRequest"),
        ("orewatch.risk.v1.Risk/ListScores", "orewatch.risk.v1.ListScoresRequest"),
        ("orewatch.alerting.v1.Alerting/ListRules", "orewatch.alerting.v1.ListRulesRequest"),
        ("orewatch.gateway.v1.Gateway/GetOverview", "orewatch.gateway.v1.GetOverviewRequest"),
    ):
        assert CONTRACTS.call(channel, method)(CONTRACTS.message(request), timeout=10).ByteSize() > 0


def test_an_error_arrives_with_its_details(channel):
    with pytest.raises(grpc.RpcError) as failed:
        CONTRACTS.call(channel, f"{REGISTRY}.Registry/GetMineral")(get_mineral("minerals/nothing"), timeout=10)
    assert failed.value.code() == grpc.StatusCode.NOT_FOUND
    details = dict(failed.value.trailing_metadata())["grpc-status-details-bin"]
    told = CONTRACTS.message("google.rpc.Status")
    told.ParseFromString(details)
    info = CONTRACTS.message("google.rpc.ErrorInfo")
    assert told.details[0].Unpack(info)
    assert info.reason == "NOT_FOUND"


def test_a_deadline_is_the_callers(channel, suite):
    began = time.monotonic()
    with suite.hung(), pytest.raises(grpc.RpcError) as late:
        CONTRACTS.call(channel, f"{REGISTRY}.Registry/GetMineral")(get_mineral("minerals/cobalt"), timeout=0.5)
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 5


def test_streams_of_both_directions(channel):
    export = CONTRACTS.call(channel, f"{REGISTRY}.Registry/Export")(CONTRACTS.message(f"{REGISTRY}.ExportRequest"), timeout=30)
    assert [message.done for message in export][-1]
    row = {"file": "a", "line": 1, "entry": {"mineral": {"name": "minerals/test-streamed", "display_name": "x", "provenance": {"source": "a test"}}}}
    messages = iter([CONTRACTS.message(f"{REGISTRY}.ImportRequest", rows=[row])])
    report = CONTRACTS.call(channel, f"{REGISTRY}.Registry/Import")(messages, timeout=30)
    assert report.created + report.unchanged == 1


def test_a_method_that_does_not_exist(channel):
    with pytest.raises(grpc.RpcError) as unknown:
        channel.unary_unary("/nothing.Here/Nothing")(b"", timeout=5)
    assert unknown.value.code() == grpc.StatusCode.UNIMPLEMENTED


def frame(message) -> bytes:
    encoded = message.SerializeToString()
    return b"\0" + len(encoded).to_bytes(4, "big") + encoded


def frames(body: bytes) -> list:
    """(flags, content) of each frame; the last of an answer is its trailers, with flag 0x80."""
    out = []
    while body:
        size = int.from_bytes(body[1:5], "big")
        out.append((body[0], body[5 : 5 + size]))
        body = body[5 + size :]
    return out


def web(rest: Rest, path: str, message, **headers):
    given = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1", "origin": ALLOWED} | headers
    return rest.call("POST", path, data=frame(message), headers=given)


def test_grpc_web_answers_a_page(rest):
    answer = web(rest, f"/{REGISTRY}.Registry/GetMineral", get_mineral("minerals/cobalt"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/grpc-web+proto"
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    (_, encoded), (flags, trailers) = frames(answer.content)
    mineral = CONTRACTS.message(f"{REGISTRY}.Mineral")
    mineral.ParseFromString(encoded)
    assert mineral.name == "minerals/cobalt"
    assert flags == 0x80
    assert b"grpc-status:0" in trailers.replace(b" ", b"")


def test_grpc_web_as_text(rest):
    encoded = base64.b64encode(frame(get_mineral("minerals/cobalt")))
    headers = {"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text", "x-grpc-web": "1"}
    answer = rest.call("POST", f"/{REGISTRY}.Registry/GetMineral", data=encoded, headers=headers)
    assert b"minerals/cobalt" in base64.b64decode(answer.content[: len(answer.content) // 4 * 4])


def test_a_page_sees_the_code_and_the_details_of_an_error(rest):
    answer = web(rest, f"/{REGISTRY}.Registry/GetMineral", get_mineral("minerals/nothing"))
    exposed = answer.headers["access-control-expose-headers"].split(",")
    assert {"grpc-status", "grpc-message", "grpc-status-details-bin"} <= set(exposed)
    told = answer.headers.get("grpc-status") or frames(answer.content)[-1][1].decode()
    assert "5" in told


def test_a_page_with_a_bad_token_gets_a_code_too(edge):
    answer = web(Rest(edge, {"authorization": "Bearer a.b.c"}), GET_HEAD, CONTRACTS.message(f"{REGISTRY}.GetHeadRequest"))
    assert answer.headers["grpc-status"] == "16"


def logged_code(edge, request_id: str) -> str | None:
    return edge.logged(request_id)["grpc_status"]


@pytest.mark.parametrize("mineral, code", [("minerals/cobalt", "OK"), ("minerals/nothing", "NotFound"), ("nothing", "InvalidArgument")])
def test_the_log_has_the_code_that_was_sent(edge, rest, channel, mineral, code):
    call = CONTRACTS.call(channel, f"{REGISTRY}.Registry/GetMineral").with_call
    try:
        _, done = call(get_mineral(mineral), timeout=10)
    except grpc.RpcError as failed:
        done = failed
    # An error may come in trailers alone.
    told = dict([*done.initial_metadata(), *done.trailing_metadata()])
    assert logged_code(edge, told["x-request-id"]) == code
    # After a message it is in the body of gRPC-Web, which is not looked into.
    over_web = web(rest, f"/{REGISTRY}.Registry/GetMineral", get_mineral(mineral))
    assert logged_code(edge, over_web.headers["x-request-id"]) == (None if code == "OK" else code)


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("/registry/v1/minerals/cobalt", 200, "OK"),
        ("/registry/v1/minerals/nothing", 404, None),
        ("/registry/v1/minerals?pageSize=-1", 400, None),
        ("/registry/v1/minerals?nothing=1", 400, None),
        ("/nowhere", 404, None),
    ],
)
def test_the_log_makes_up_no_code_for_a_call_by_rest(edge, rest, path, status, code):
    answer = rest.get(path)
    assert answer.status_code == status
    assert logged_code(edge, answer.headers["x-request-id"]) == code


def test_the_log_makes_up_no_code_for_a_call_by_rest_that_is_not_let_in(edge):
    answer = Rest(edge, {}).get("/registry/v1/head")
    assert answer.status_code == 401
    assert logged_code(edge, answer.headers["x-request-id"]) is None


def preflight(rest: Rest, path: str, origin: str, verb: str = "POST"):
    asked = {"origin": origin, "access-control-request-method": verb, "access-control-request-headers": "authorization,content-type,x-grpc-web"}
    return rest.call("OPTIONS", path, headers=asked)


@pytest.mark.parametrize("path", [GET_HEAD, "/registry/v1/minerals", "/registry/v1/minerals/cobalt:undelete"])
def test_pages_of_listed_origins_may_call(stranger, path):
    answer = preflight(stranger, path, ALLOWED)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert {"authorization", "content-type", "x-grpc-web"} <= set(answer.headers["access-control-allow-headers"].split(","))
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [OTHER, "https://console.example.evil.example", "http://console.example", "null"])
@pytest.mark.parametrize("path", [GET_HEAD, "/registry/v1/minerals"])
def test_pages_of_others_may_not(stranger, rest, path, origin):
    assert "access-control-allow-origin" not in preflight(stranger, path, origin).headers
    assert "access-control-allow-origin" not in rest.get("/registry/v1/head", headers={"origin": origin}).headers


def test_an_error_of_the_edge_is_shown_to_listed_pages_too(stranger):
    answer = stranger.get("/registry/v1/head", headers={"origin": ALLOWED})
    error(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["access-control-allow-origin"] == ALLOWED


def test_json_to_a_grpc_path_goes_nowhere(rest):
    error(rest.call("POST", GET_HEAD, json={}), 404, "NOT_FOUND")


def test_answers_say_that_they_are_not_to_be_kept_or_guessed_at(rest):
    headers = rest.get("/registry/v1/head").headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert headers["strict-transport-security"]
    assert not [name for name in headers if name.lower().startswith("x-envoy")]
    assert json.loads(rest.get("/registry/v1/head").text)


def test_a_trace_goes_through_the_edge_and_into_its_log(edge, rest):
    trace = "0af7651916cd43dd8448eb211c80319c"
    for path, status in (("/registry/v1/minerals/cobalt", 200), ("/registry/v1/minerals/nothing", 404)):
        answer = rest.call("GET", path, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        assert answer.status_code == status
        assert answer.headers["x-trace-id"] == trace
        assert edge.logged(answer.headers["x-request-id"])["trace_id"] == trace
    begun = rest.get("/registry/v1/minerals/cobalt")
    assert len(begun.headers["x-trace-id"]) == 32
    assert begun.headers["x-trace-id"] != trace
