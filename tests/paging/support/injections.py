"""How things are made to go wrong in an installation, and are mended again."""

import contextlib
import os
import resource
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent import futures
from datetime import timedelta

from programs.services import metrics
from support.installation import LONG_ENOUGH, Installation
from support.waiting import PATIENCE_S, await_true

Injection = Callable[[Installation], contextlib.AbstractContextManager]


@contextlib.contextmanager
def going_on(action: Callable[[], object], times: int = 1, pause_s: float = 0.5) -> Iterator[None]:
    """As long as it lasts so many do it again and again, with a pause in between."""
    ended = threading.Event()

    def keep_on() -> None:
        while not ended.wait(pause_s):
            action()

    with futures.ThreadPoolExecutor(times) as several:
        done = [several.submit(keep_on) for _ in range(times)]
        try:
            yield
        finally:
            ended.set()
    for one in done:
        one.result()


@contextlib.contextmanager
def killed(installation: Installation, name: str) -> Iterator[None]:
    installation.services[name].kill()
    try:
        yield
    finally:
        installation.services[name].run()


@contextlib.contextmanager
def hung(installation: Installation, name: str) -> Iterator[None]:
    with installation.services[name].hung():
        yield


@contextlib.contextmanager
def forgotten_by_prometheus(installation: Installation) -> Iterator[None]:
    installation.watch(without="alerting")
    try:
        yield
    finally:
        installation.watch()


@contextlib.contextmanager
def database_stopped(installation: Installation) -> Iterator[None]:
    installation.postgres.end()
    try:
        yield
    finally:
        installation.postgres.run()


@contextlib.contextmanager
def database_slow(installation: Installation) -> Iterator[None]:
    """While many write."""
    with installation.registry_to_database.delaying(0.6), installation.writers():
        yield


@contextlib.contextmanager
def follower_did_not_read(installation: Installation) -> Iterator[None]:
    """For some seconds in which much was written: more than may be under way to it."""
    begun = time.monotonic()
    with installation.risk_to_registry.stalling(), installation.writers() as writers:
        await_true(lambda: writers.written() > 2000 and time.monotonic() > begun + 4, "changes")
    yield


@contextlib.contextmanager
def slow_risk(installation: Installation) -> Iterator[None]:
    with installation.wires["risk"].delaying(0.7):
        yield


@contextlib.contextmanager
def risk_refuses(installation: Installation) -> Iterator[None]:
    with installation.wires["risk"].refusing():
        yield


@contextlib.contextmanager
def nobody_answers_the_gateway(installation: Installation) -> Iterator[None]:
    with contextlib.ExitStack() as cut:
        for wire in installation.wires.values():
            cut.enter_context(wire.refusing())
        cut.enter_context(installation.load.demanding())
        yield


@contextlib.contextmanager
def crowd(installation: Installation) -> Iterator[None]:
    """More questions at once than the gateway takes, of which each takes its time."""
    with installation.wires["risk"].delaying(1), installation.load.in_a_crowd():
        yield


@contextlib.contextmanager
def edge_cannot_reach_risk(installation: Installation) -> Iterator[None]:
    """Though everybody else can; while some ask for scores over REST."""
    url = f"{installation.edge().url}/risk/v1/scores?pageSize=1"

    def ask() -> None:
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=5):
            pass

    ask()
    with installation.edge_to_risk.refusing(), going_on(ask, 4):
        yield


@contextlib.contextmanager
def risk_cut_off(installation: Installation) -> Iterator[None]:
    with installation.risk_to_registry.refusing():
        changed = installation.change_something()
        assert changed.returncode == 0, changed.stderr
        yield


@contextlib.contextmanager
def disk_full(installation: Installation) -> Iterator[None]:
    """The one with the audit log of the registry, while somebody tries to change things."""
    with installation.small_disk.filled(), going_on(installation.change_something):
        yield


@contextlib.contextmanager
def audit_log_copied_beside_itself(installation: Installation) -> Iterator[None]:
    with installation.small_disk.holding("audit.log.copy", 0.92):
        yield


@contextlib.contextmanager
def certificate_about_to_end(installation: Installation) -> Iterator[None]:
    installation.authority.renew(installation.certificates["gateway"], "spiffe://test/gateway", timedelta(minutes=15))
    try:
        yield
    finally:
        installation.authority.renew(installation.certificates["gateway"], "spiffe://test/gateway", LONG_ENOUGH)


@contextlib.contextmanager
def certificate_spoilt(installation: Installation) -> Iterator[None]:
    file = installation.certificates["gateway"].cert
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2])
    try:
        yield
    finally:
        file.write_bytes(good)


@contextlib.contextmanager
def clock_wrong(installation: Installation) -> Iterator[None]:
    installation.clock.is_ahead_by(90)
    try:
        yield
    finally:
        # Between two lives; test_clock.py sets it under services that run.
        installation.services["gateway"].stop()
        installation.clock.is_ahead_by(0)
        installation.services["gateway"].run()


@contextlib.contextmanager
def log_not_read(installation: Installation) -> Iterator[None]:
    """Of a gateway that tells of each call."""
    folder = installation.folder / "unread"
    folder.mkdir(exist_ok=True)
    os.mkfifo(folder / "gateway.log")
    reader = os.open(folder / "gateway.log", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with installation.replaced("gateway", {"log_calls": "all"}, folder), going_on(installation.load.ask_who, 2, pause_s=0):
            yield
    finally:
        os.close(reader)
        os.unlink(folder / "gateway.log")


@contextlib.contextmanager
def few_file_descriptors(installation: Installation) -> Iterator[None]:
    """The limit is simply low."""
    process = installation.services["risk"].process.pid
    in_use = int(installation.prometheus.query('process_open_fds{job="orewatch-risk"}')[0]["value"][1])
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (in_use + in_use // 8, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def table_locked(installation: Installation) -> Iterator[None]:
    """Somebody's session has a table for himself, and others want to read it."""
    # As many as there are connections to read with.
    readers = 10
    with contextlib.ExitStack() as ended:
        ended.enter_context(going_on(lambda: installation.services.ctl("history", "minerals/gallium", "--timeout=40s"), readers))
        ended.enter_context(installation.postgres.holding("registry", "LOCK TABLE history"))
        yield


@contextlib.contextmanager
def alertmanager_down(installation: Installation) -> Iterator[None]:
    installation.alertmanager.stop()
    try:
        # Something new to tell.
        installation.raise_an_alert()
        waiting = 'orewatch_alerting_outbox_pending{target="alertmanager"} > 0'
        await_true(lambda: installation.prometheus.query(waiting), "an alert that waits")
        yield
    finally:
        installation.alertmanager.__enter__()


@contextlib.contextmanager
def webhook_gone(installation: Installation) -> Iterator[None]:
    """It says that it will not be back; afterwards it is, and what was not delivered is replayed as the runbook says."""
    with installation.receiver.answering(410):
        installation.raise_an_alert()
        yield
    for sequence in installation.dead_letters():
        replayed = installation.services.ctl("alerts", "replay", sequence, "receiver")
        assert replayed.returncode == 0, replayed.stderr


@contextlib.contextmanager
def webhook_fails(installation: Installation) -> Iterator[None]:
    with installation.receiver.answering(500):
        installation.raise_an_alert()
        yield


@contextlib.contextmanager
def locked_file(installation: Installation, file: str) -> Iterator[None]:
    """Somebody else has the SQLite file for himself."""
    other = sqlite3.connect(installation.folder / file, timeout=PATIENCE_S, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


@contextlib.contextmanager
def evaluations_cannot_be_stored(installation: Installation) -> Iterator[None]:
    """From the end of a snooze on: where nothing happens nothing has to be stored."""
    installation.snooze_an_alert("10s")
    with locked_file(installation, "alerting/alerting.db"):
        yield


@contextlib.contextmanager
def history_cannot_be_recorded(installation: Installation) -> Iterator[None]:
    with locked_file(installation, "risk/risk.db"), going_on(installation.change_a_score):
        yield


@contextlib.contextmanager
def another_gateway_is_set_otherwise(installation: Installation) -> Iterator[None]:
    with installation.another("gateway", {"longest_answer": "7s"}):
        yield


@contextlib.contextmanager
def alerting_of_its_own(installation: Installation) -> Iterator[None]:
    """Another replica of alerting that has a file of its own instead of what the first has."""
    own = {"data_dir": installation.folder / "another-alerting", "alertmanager": "", "alertmanager_hook_address": "", "alertmanager_hook_secret": ""}
    with installation.another("alerting", own):
        yield


@contextlib.contextmanager
def lease_held_by_a_session(installation: Installation) -> Iterator[None]:
    """Of an alerting whose database others could share."""
    database = installation.postgres.create("alerting")
    with installation.replaced("alerting", {"database": database}) as alerting:
        alerting.await_true(lambda: metrics(alerting.admin).get("orewatch_alerting_leader") == "1", "a leader")
        with installation.postgres.holding("alerting", "SELECT FROM lease FOR UPDATE"):
            yield


@contextlib.contextmanager
def old_figures(installation: Installation) -> Iterator[None]:
    """Of a publisher who has published nothing since, and then does."""

    def publish(year: int) -> None:
        row = f"antimony,mine,AD,{year},1,,false,false,CONTAINED,rehearsal-{year},antimony content,antimony-ore,{year},CC-BY-4.0,a test"
        imported = installation.import_rows("production.csv", row)
        assert imported.returncode == 0, imported.stderr

    publish(2001)
    try:
        yield
    finally:
        publish(2026)


def on(action, *arguments) -> Injection:
    return lambda installation: action(installation, *arguments)
