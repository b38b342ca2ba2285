"""watch_alerts.py beside a server that changes, stops and comes back."""

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from orewatch.alerting.v1 import alert_pb2, alerting_pb2, alerting_pb2_grpc
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc, resources_pb2
from orewatch.type.v1 import types_pb2
from suite import PATIENCE_SECONDS, Server, command_of, environment, eventually, free_port, import_fixture

import watch_alerts


class Watcher:
    """The program, and the lines that it has printed."""

    def __init__(self, server: Server, bookmark: Path) -> None:
        self._process = subprocess.Popen(
            command_of("watch_alerts", "--address", server.address, "--bookmark", bookmark),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._threads = [
            threading.Thread(target=lambda: self.lines.extend(self._process.stdout or ())),
            threading.Thread(target=lambda: self.errors.extend(self._process.stderr or ())),
        ]
        for thread in self._threads:
            thread.start()
        eventually("the begin of the watch", lambda: any("watching after" in line for line in self.errors))

    def sequences(self) -> list[int]:
        return [int(line.split()[0]) for line in self.lines]

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)


def produce(channel: grpc.Channel, country: str, tonnes: float) -> int:
    """What a country mines of cobalt; returns the revision."""
    statistic = resources_pb2.Statistic(
        dataset="example-2026",
        year=2024,
        production=resources_pb2.Statistic.Production(
            mineral="minerals/cobalt", stage=types_pb2.STAGE_MINE, country=country, product="cobalt"
        ),
        quantity=types_pb2.Quantity(tonnes=tonnes, basis=types_pb2.BASIS_CONTAINED, scope="cobalt content"),
        provenance=types_pb2.Provenance(source="example"),
    )
    request = registry_pb2.ApplyChangesRequest(
        mutations=[
            registry_pb2.Mutation(
                operation=registry_pb2.Mutation.OPERATION_UPDATE,
                entry=resources_pb2.Entry(statistic=statistic),
                allow_missing=True,
            )
        ]
    )
    return registry_pb2_grpc.RegistryStub(channel).ApplyChanges(request).revision.number


def raise_and_resolve(server: Server) -> None:
    """Two events at least: one country mines nearly all, then no longer."""
    with server.connect() as channel:
        alerting = alerting_pb2_grpc.AlertingStub(channel)
        for tonnes, state in ((10_000.0, alert_pb2.ALERT_STATE_FIRING), (60.0, alert_pb2.ALERT_STATE_RESOLVED)):
            request = alerting_pb2.ListAlertsRequest(
                subject="minerals/cobalt", min_revision=produce(channel, "CD", tonnes)
            )
            assert [alert.state for alert in alerting.ListAlerts(request).alerts] == [state]


def last_sequence(server: Server) -> int:
    with server.connect() as channel:
        return alerting_pb2_grpc.AlertingStub(channel).ListAlerts(alerting_pb2.ListAlertsRequest()).sequence


def all_sequences(server: Server) -> list[int]:
    """What a reader of the whole history is sent."""
    with server.connect() as channel:
        alerting = alerting_pb2_grpc.AlertingStub(channel)
        sequences: list[int] = []
        for message in alerting.WatchAlerts(alerting_pb2.WatchAlertsRequest(), timeout=PATIENCE_SECONDS):
            if message.HasField("bookmark"):
                return sequences
            sequences.append(message.event.sequence)
    raise AssertionError("the watch has ended")


@pytest.fixture(scope="module")
def server(own_suite: Callable[..., Server]) -> Server:
    server = own_suite()
    import_fixture(server)
    return server


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Callable[[Server], Watcher]]:
    """Makes programs, all with one bookmark."""
    with contextlib.ExitStack() as stack:

        def make(server: Server) -> Watcher:
            watcher = Watcher(server, tmp_path / "bookmark")
            stack.callback(watcher.stop)
            return watcher

        yield make


def test_nothing_is_missed_or_told_twice_over_restarts_of_the_server(
    server: Server, watching: Callable[[Server], Watcher]
) -> None:
    begin = last_sequence(server)
    watcher = watching(server)
    raise_and_resolve(server)
    eventually("the first alert", lambda: watcher.sequences()[-1:] == [last_sequence(server)])

    # What happens while the watcher cannot reach the server: it runs elsewhere for a time.
    server.stop()
    usual = server.address
    server.address = f"127.0.0.1:{free_port()}"
    server.start()
    raise_and_resolve(server)
    server.stop()
    server.address = usual
    server.start()

    raise_and_resolve(server)
    eventually("the last alert", lambda: watcher.sequences()[-1:] == [last_sequence(server)])
    happened = [sequence for sequence in all_sequences(server) if sequence > begin]
    assert len(happened) >= 6
    assert watcher.sequences() == happened
    assert any("reconnecting" in line and "UNAVAILABLE" in line for line in watcher.errors)
    assert any("cobalt" in line and "-> FIRING" in line for line in watcher.lines)


def test_a_program_that_was_killed_goes_on_from_its_bookmark(
    server: Server, watching: Callable[[Server], Watcher], tmp_path: Path
) -> None:
    begin = last_sequence(server)
    first = watching(server)
    raise_and_resolve(server)
    eventually(
        "the bookmark",
        lambda: (mark := watch_alerts.load(tmp_path / "bookmark")) and mark.sequence == last_sequence(server),
    )
    first.stop()
    raise_and_resolve(server)
    second = watching(server)
    eventually("the missed alert", lambda: second.sequences()[-1:] == [last_sequence(server)])
    happened = [sequence for sequence in all_sequences(server) if sequence > begin]
    assert first.sequences() + second.sequences() == happened


def test_a_bookmark_of_another_history_begins_anew_and_says_so(suite: Server, channel: grpc.Channel) -> None:
    alerting = alerting_pb2_grpc.AlertingStub(channel)
    steps = watch_alerts.follow(alerting, watch_alerts.Bookmark("of-another-history", 1))
    step = next(steps)
    assert step.restarted
    assert step.bookmark == watch_alerts.now(alerting)
    assert step.bookmark.sequence == last_sequence(suite)


def test_a_number_that_nobody_has_reached_begins_anew_and_says_so(channel: grpc.Channel) -> None:
    alerting = alerting_pb2_grpc.AlertingStub(channel)
    now = watch_alerts.now(alerting)
    step = next(watch_alerts.follow(alerting, watch_alerts.Bookmark(now.lineage, now.sequence + 1000)))
    assert step.restarted
    assert step.bookmark == now
