"""Streams over HTTP: a line of JSON for each message, and lists of messages going in."""

import json
import uuid

import pytest

from support.rest import error, reason

SOURCE = {"provenance": {"source": "a test"}}


def create(rest) -> str:
    name = f"test-{uuid.uuid4().hex[:12]}"
    return rest.ok("POST", "/registry/v1/minerals", params={"mineralId": name}, json={"displayName": "Seen"} | SOURCE)["name"]


def test_an_export_is_lines_and_the_last_says_so(rest):
    answer = rest.get("/registry/v1:export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    messages = [json.loads(line) for line in answer.text.splitlines()]
    assert messages[-1]["done"] is True
    assert not any("done" in message for message in messages[:-1])
    assert len({message["revision"]["number"] for message in messages}) == 1


def test_a_watch_shows_a_change_while_it_lasts(rest):
    head = rest.ok("GET", "/registry/v1/head")["revision"]
    names = [create(rest)]
    after = {"after.lineage": head["lineage"], "after.number": head["number"]}
    with rest.get("/registry/v1:watch", params=after, stream=True) as watch:
        lines = watch.iter_lines(chunk_size=1)
        seen = [json.loads(next(lines))]
        names.append(create(rest))
        seen.append(json.loads(next(lines)))
    assert [int(change["revision"]["number"]) - int(head["number"]) for change in seen] == [1, 2]
    assert [one["name"] for change in seen for one in change["changes"]] == names


def test_a_watch_is_read_compressed_as_it_comes(rest):
    """Whoever asks for gzip must not wait for a block to fill."""
    create(rest)
    with rest.get("/registry/v1:watch", headers={"accept-encoding": "gzip"}, stream=True) as watch:
        assert watch.headers["content-encoding"] == "gzip"
        assert json.loads(next(watch.iter_lines(chunk_size=1)))["changes"]


@pytest.mark.parametrize("path", ["/risk/v1/scores:watch", "/alerting/v1/alerts:watch", "/gateway/v1/feed:watch"])
def test_every_watch_ends_with_its_deadline(rest, path):
    answer = rest.get(path, headers={"grpc-timeout": "1S"}, timeout=20)
    assert answer.status_code == 200
    assert all(isinstance(json.loads(line), dict) for line in answer.text.splitlines())


def test_what_is_wrong_with_a_stream_at_once_is_an_error_like_any_other(rest):
    answer = rest.get("/registry/v1:watch", params={"after.number": 999999})
    assert reason(error(answer, 400, "OUT_OF_RANGE")) == "REVISION_ABOVE_HEAD"


def test_an_import_is_a_list_of_messages(rest):
    name = f"minerals/test-{uuid.uuid4().hex[:12]}"
    good = {"file": "a.csv", "line": "1", "entry": {"mineral": {"name": name, "displayName": "Imported"} | SOURCE}}
    bad = {"file": "a.csv", "line": "2", "entry": {"mineral": {"name": "minerals/NOT-A-NAME"} | SOURCE}}
    report = rest.ok("POST", "/registry/v1:import", json=[{"rows": [good]}, {"rows": [bad]}])
    assert (report["created"], report["rejected"]) == ("1", "1")
    assert [(row["file"], row["line"], row["field"]) for row in report["rejections"]] == [("a.csv", "2", "name")]
    assert rest.ok("GET", f"/registry/v1/{name}")["displayName"] == "Imported"
