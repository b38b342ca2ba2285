#!/usr/bin/env python3
"""Prints what happens to alerts, one line each, and misses nothing: not while the server restarts, nor this program.

usage: watch_alerts.py [--bookmark FILE] [--address HOST:PORT] [--ca FILE] [--token_file FILE]
  --bookmark   file that remembers how far we have come; without one we begin with what happens from now on
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import grpc
from orewatch.alerting.v1 import alert_pb2, alerting_pb2, alerting_pb2_grpc, rule_pb2

from orewatch_client import connection, errors

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Bookmark:
    """Everything up to here has been dealt with. The number means nothing without its lineage."""

    lineage: str
    sequence: int


@dataclass(frozen=True)
class Step:
    """One message of the watch."""

    bookmark: Bookmark
    # What happened, and the alert as that left it; None: nothing did, and only the bookmark has moved.
    event: alert_pb2.AlertEvent | None = None
    alert: alert_pb2.Alert | None = None
    # The server has another history than the bookmark: events may have been missed. List the alerts anew.
    restarted: bool = False


def now(alerting: alerting_pb2_grpc.AlertingStub) -> Bookmark:
    answer = errors.persist(lambda: alerting.ListAlerts(alerting_pb2.ListAlertsRequest(page_size=1)))
    return Bookmark(answer.lineage, answer.sequence)


def follow(alerting: alerting_pb2_grpc.AlertingStub, bookmark: Bookmark) -> Iterator[Step]:
    """What happens after a bookmark, for ever. Each step has been dealt with when the next is asked for."""
    pause = FIRST_PAUSE_SECONDS
    refused = False
    while True:
        request = alerting_pb2.WatchAlertsRequest(after_sequence=bookmark.sequence, lineage=bookmark.lineage)
        try:
            for message in alerting.WatchAlerts(request):
                pause = FIRST_PAUSE_SECONDS
                refused = False
                step = _step(message, bookmark)
                yield step
                bookmark = step.bookmark
        except grpc.RpcError as error:
            problem = errors.problem_of(error)
            if problem.reason in ("LINEAGE_CHANGED", "SEQUENCE_AHEAD", "SEQUENCE_DROPPED"):
                bookmark = now(alerting)
                yield Step(bookmark, restarted=True)
                continue
            if not _passes(problem, refused):
                raise
            # A token that ran out is read again by the next call; one that is refused then is wrong.
            refused = problem.code is grpc.StatusCode.UNAUTHENTICATED
            pause = max(pause, problem.retry_seconds or 0)
            print(f"reconnecting after {bookmark.sequence}: {problem}", file=sys.stderr)
        # Not all at once: a server that comes back has many watchers.
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _passes(problem: errors.Problem, refused: bool) -> bool:
    # UNAVAILABLE is also how a server says that it is about to stop (DRAINING); another may be there already.
    if problem.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
        return True
    return problem.code is grpc.StatusCode.UNAUTHENTICATED and not refused


def _step(message: alerting_pb2.WatchAlertsResponse, before: Bookmark) -> Step:
    if message.HasField("event"):
        # Events come in order, so that each is a bookmark too.
        return Step(Bookmark(before.lineage, message.event.sequence), message.event, message.alert)
    return Step(Bookmark(message.bookmark.lineage, message.bookmark.sequence))


def line(event: alert_pb2.AlertEvent, alert: alert_pb2.Alert) -> str:
    if event.kind == alert_pb2.AlertEvent.KIND_STATE_CHANGED:
        # `from` is a word of Python's.
        what = f"{state_text(getattr(event, 'from'))} -> {state_text(event.to)}"
    else:
        what = alert_pb2.AlertEvent.Kind.Name(event.kind).removeprefix("KIND_")
    severity = rule_pb2.Severity.Name(event.severity).removeprefix("SEVERITY_").lower()
    subject = alert.subject.subject or alert.rule
    when = event.time.ToJsonString()
    return "  ".join((str(event.sequence), when, what, severity, subject, event.reason, alert.summary))


def state_text(state: alert_pb2.AlertState.ValueType) -> str:
    return alert_pb2.AlertState.Name(state).removeprefix("ALERT_STATE_")


def load(file: Path | None) -> Bookmark | None:
    return Bookmark(**json.loads(file.read_text())) if file and file.exists() else None


def save(file: Path | None, bookmark: Bookmark) -> None:
    if file:
        # In one go: a half-written bookmark would be worse than an old one.
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(bookmark)))
        new.replace(file)


def main() -> int:
    parser = argparse.ArgumentParser(description="Print what happens to alerts.")
    parser.add_argument("--bookmark", type=Path, help="file that remembers how far we have come")
    connection.add_flags(parser)
    flags = parser.parse_args()
    with connection.connect(connection.options_from(flags)) as channel:
        alerting = alerting_pb2_grpc.AlertingStub(channel)
        start = load(flags.bookmark) or now(alerting)
        print(f"watching after {start.sequence}", file=sys.stderr)
        for step in follow(alerting, start):
            if step.restarted:
                print("the server was restored: what happened meanwhile may be missing here", file=sys.stderr)
            if step.event and step.alert:
                print(line(step.event, step.alert), flush=True)
            save(flags.bookmark, step.bookmark)
    return 0


if __name__ == "__main__":
    sys.exit(errors.run(main))
