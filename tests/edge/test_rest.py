"""REST: resources made, read, changed, deleted; what is refused, and how that is told."""

import uuid

import pytest

from support.grpc_calls import channel_to, refusal
from programs.process import free_port
from support.rest import GRPC_CODES, Rest, detail, error, reason

SOURCE = {"provenance": {"source": "a test"}}


@pytest.fixture
def mineral(rest) -> dict:
    """One of its own for each test."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    return rest.ok("POST", "/registry/v1/minerals", params={"mineralId": name}, json={"displayName": "Testium"} | SOURCE)


def path_of(resource: dict) -> str:
    return f"/registry/v1/{resource['name']}"


def fields_of(told: dict) -> list:
    return [violation["field"] for violation in detail(told, "BadRequest")["fieldViolations"]]


def test_what_was_created_is_read_back(rest, mineral):
    assert rest.ok("GET", path_of(mineral)) == mineral
    # As proto JSON has it: 64-bit integers are strings.
    assert int(mineral["metadata"]["revision"]["number"]) > 0
    assert isinstance(mineral["metadata"]["revision"]["number"], str)


def test_lists_come_in_pages(rest, mineral):
    first = rest.ok("GET", "/registry/v1/minerals", params={"pageSize": 1})
    second = rest.ok("GET", "/registry/v1/minerals", params={"pageSize": 1, "pageToken": first["nextPageToken"]})
    assert len(first["minerals"]) == len(second["minerals"]) == 1
    assert first["minerals"][0]["name"] < second["minerals"][0]["name"]
    assert first["revision"] == second["revision"]


def test_a_filter_with_blanks_and_quotes_arrives_as_it_was_meant(rest, mineral):
    text = f'name = "{mineral["name"]}" AND display_name = "Testium"'
    assert [one["name"] for one in rest.ok("GET", "/registry/v1/minerals", params={"filter": text})["minerals"]] == [mineral["name"]]


def test_an_update_changes_what_its_mask_names_and_nothing_else(rest, mineral):
    changed = rest.ok("PATCH", path_of(mineral), params={"updateMask": "displayName"}, json={"displayName": "Newium", "kind": "KIND_BASKET"})
    assert changed["displayName"] == "Newium"
    assert "kind" not in changed
    assert changed["metadata"]["etag"] != mineral["metadata"]["etag"]


def test_deletion_and_its_opposite(rest, mineral):
    assert "deleteTime" in rest.ok("DELETE", path_of(mineral))["metadata"]
    assert "deleteTime" not in rest.ok("POST", f"{path_of(mineral)}:undelete", json={})["metadata"]


def test_names_of_two_parts(rest):
    supplier = f"test-{uuid.uuid4().hex[:12]}"
    rest.ok("POST", "/registry/v1/suppliers", params={"supplierId": supplier}, json={"displayName": "Test"} | SOURCE)
    parent = f"/registry/v1/suppliers/{supplier}/facilities"
    rest.ok("POST", parent, params={"facilityId": "plant"}, json={"displayName": "Plant"} | SOURCE)
    assert rest.ok("GET", f"{parent}/plant")["name"] == f"suppliers/{supplier}/facilities/plant"
    assert [one["name"] for one in rest.ok("GET", parent)["facilities"]] == [f"suppliers/{supplier}/facilities/plant"]


def test_several_of_any_kind(rest, mineral):
    entries = rest.ok("POST", "/registry/v1:batchGet", json={"names": [mineral["name"]]})["entries"]
    assert entries == [{"mineral": mineral}]


@pytest.mark.parametrize("path", ["/gateway/v1/overview?limit=3", "/risk/v1/scores?pageSize=3", "/alerting/v1/rules", "/registry/v1/head"])
def test_every_service_answers(rest, path):
    assert rest.ok("GET", path)


def test_a_key_of_parts_is_given_as_parameters_or_as_a_body(rest):
    key = {"subject": "minerals/cobalt", "stage": "STAGE_MINE", "method": "METHOD_HHI"}
    as_parameters = rest.ok("GET", "/risk/v1/scores:lookup", params={f"key.{name}": value for name, value in key.items()})
    assert as_parameters["value"] > 0
    assert rest.ok("POST", "/risk/v1/scores:lookup", json={"key": key}) == as_parameters


def test_what_is_not_there_is_not_found(rest):
    told = error(rest.get("/registry/v1/minerals/nothing"), 404, "NOT_FOUND")
    assert detail(told, "ErrorInfo")["metadata"] == {"name": "minerals/nothing"}


def test_a_bad_request_names_each_field(rest):
    told = error(rest.get("/registry/v1/minerals?pageSize=-1&minRevision=-1"), 400, "INVALID_ARGUMENT")
    assert sorted(fields_of(told)) == ["min_revision", "page_size"]


@pytest.mark.parametrize("path", ["/registry/v1/minerals", "/risk/v1/scores", "/alerting/v1/alerts", "/gateway/v1/overview"])
def test_a_revision_that_is_to_come_is_out_of_range_at_once(rest, path):
    answer = rest.get(f"{path}?minRevision=999999", timeout=5)
    assert reason(error(answer, 400, "OUT_OF_RANGE")) == "REVISION_ABOVE_HEAD"


def test_a_reference_that_does_not_resolve_fails_the_precondition(rest):
    answer = rest.call("POST", "/registry/v1/suppliers?supplierId=test-dangling", json={"displayName": "x", "country": "countries/XX"} | SOURCE)
    error(answer, 400, "FAILED_PRECONDITION")


def test_a_name_that_is_taken_is_a_conflict(rest, mineral):
    answer = rest.call("POST", f"/registry/v1/minerals?mineralId={mineral['name'].partition('/')[2]}", json={"displayName": "Again"} | SOURCE)
    error(answer, 409, "ALREADY_EXISTS")


def test_an_etag_of_yesterday_is_a_conflict(rest, mineral):
    body = {"displayName": "Late", "metadata": {"etag": "yesterday"}}
    error(rest.call("PATCH", f"{path_of(mineral)}?updateMask=displayName", json=body), 409, "ABORTED")
    error(rest.call("DELETE", f"{path_of(mineral)}?etag=yesterday"), 409, "ABORTED")


def test_a_path_of_two_fields(rest):
    """What is not there is the service's to say: the path has reached it."""
    assert reason(error(rest.call("POST", "/alerting/v1/deliveries/999999/alertmanager:replay", json={}), 404, "NOT_FOUND")) != "UNKNOWN_PATH"


@pytest.mark.parametrize("query", ["nothing=1", "pageSize=many", "page_size=1&pageSize=x", "key.subject=x"])
def test_parameters_that_are_unknown_or_of_another_type_are_refused(rest, query):
    assert reason(error(rest.get(f"/registry/v1/minerals?{query}"), 400, "INVALID_ARGUMENT")) == "MALFORMED_REQUEST"


@pytest.mark.parametrize("body", [b'{"displayName":', b"[]", b'{"displayName": 1}', b'{"kind": "KIND_NONE"}', b'{"provenance": "x"}', b"\xff\xfe"])
def test_a_body_that_is_no_resource_is_refused(rest, body):
    answer = rest.call("POST", "/registry/v1/minerals?mineralId=test-malformed", data=body, headers={"content-type": "application/json"})
    assert reason(error(answer, 400, "INVALID_ARGUMENT")) == "MALFORMED_REQUEST"


def test_a_body_may_not_name_another_than_the_path(rest, mineral):
    answer = rest.call("PATCH", path_of(mineral), json={"name": "minerals/other", "displayName": "x"} | SOURCE)
    assert reason(error(answer, 400, "INVALID_ARGUMENT")) == "MALFORMED_REQUEST"


def test_paths_that_lead_nowhere(rest):
    for path in ("/", "/registry", "/registry/v1/nothing", "/registry/v1/minerals/a/b", "/orewatch.registry.v1.Registry/GetHead"):
        assert reason(error(rest.get(path), 404, "NOT_FOUND")) == "UNKNOWN_PATH"


def test_a_method_that_a_path_does_not_take(rest):
    answer = rest.call("PUT", "/registry/v1/minerals/cobalt")
    assert reason(error(answer, 405, "UNIMPLEMENTED")) == "METHOD_NOT_ALLOWED"
    assert answer.headers["allow"] == "DELETE, GET, PATCH"


def test_a_slash_in_a_segment_is_refused_however_it_is_written(rest):
    assert rest.get("/registry/v1/suppliers/a%2Ffacilities%2Fb").status_code == 400


def test_a_body_over_the_limit_is_too_large_unless_it_is_a_stream(suite, start_edge, bearer):
    small = Rest(start_edge(suite.address, {"max_body_bytes": 20000}), bearer)
    body = b'{"displayName": "' + b"x" * 30000 + b'"}'
    answer = small.call("POST", "/registry/v1/minerals?mineralId=test-large", data=body, headers={"content-type": "application/json"})
    assert reason(error(answer, 413, "RESOURCE_EXHAUSTED")) == "REQUEST_TOO_LARGE"
    rows = [{"rows": [{"file": "a", "line": str(i), "entry": {"mineral": {"name": "minerals/NO"}}}]} for i in range(1000)]
    assert small.ok("POST", "/registry/v1:import", json=rows)["rejected"] == "1000"


def test_a_message_over_the_limit_of_the_services_is_told_by_them(rest):
    body = {"displayName": "x" * (5 * 1024 * 1024)} | SOURCE
    answer = rest.call("POST", "/registry/v1/minerals?mineralId=test-large", json=body)
    assert answer.status_code == 429
    assert answer.json()["code"] == GRPC_CODES["RESOURCE_EXHAUSTED"]


def test_headers_that_the_services_would_not_take_are_refused_before_them(rest, edge, issuer):
    for kib in (4, 10):
        for _ in range(5):
            assert rest.get("/registry/v1/head", headers={"x-long": "x" * kib * 1024}).status_code == 200
    for kib in (12, 20, 40):
        refused = rest.get("/registry/v1/head", headers={"x-long": "x" * kib * 1024})
        assert reason(error(refused, 431, "RESOURCE_EXHAUSTED")) == "HEADERS_TOO_LARGE"
    with channel_to(edge, issuer.token()) as channel:
        assert refusal(channel, [("x-long", "x" * 10 * 1024)]) is None
        assert refusal(channel, [("x-long", "x" * 20 * 1024)]) is not None


def test_calls_over_the_rate_are_told_when_to_come_again(suite, start_edge, bearer):
    edge = start_edge(suite.address, {"rate_per_client": 2})
    answers = [Rest(edge, bearer).get("/registry/v1/head") for _ in range(8)]
    assert {answer.status_code for answer in answers} == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    told = error(refused, 429, "RESOURCE_EXHAUSTED")
    assert reason(told) == "RATE_LIMITED"
    assert detail(told, "RetryInfo")["retryDelay"] == "1s"
    assert int(refused.headers["retry-after"]) >= 1


def test_a_service_that_hangs_costs_its_caller_no_more_than_the_deadline(rest, suite):
    with suite.hung():
        answer = rest.get("/registry/v1/head", headers={"grpc-timeout": "500m"}, timeout=5)
    assert reason(error(answer, 504, "DEADLINE_EXCEEDED")) == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("timeout", ["", "soon", "1", "S", "123456789S", "1.5S", "-1S"])
def test_a_deadline_that_is_none_is_refused(rest, timeout):
    error(rest.get("/registry/v1/head", headers={"grpc-timeout": timeout}), 400, "INVALID_ARGUMENT")


def test_a_service_that_is_not_there_is_unavailable(start_edge):
    edge = start_edge(f"127.0.0.1:{free_port()}", {})
    assert reason(error(Rest(edge, {}).get("/registry/v1/head"), 503, "UNAVAILABLE")) == "SERVICE_UNREACHABLE"


def test_long_answers_are_compressed_for_those_who_ask(rest):
    plain = rest.get("/registry/v1/minerals", headers={"accept-encoding": "identity"})
    packed = rest.get("/registry/v1/minerals", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
