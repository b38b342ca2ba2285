"""The keys of tokens replaced while callers call, through the edge and past it."""

import contextlib
import itertools
import threading
import time

import grpc
import pytest

from support import issuer as issuers
from support.grpc_calls import refusal
from support.rest import Rest

HEAD = "/registry/v1/head"
ROTATIONS = 3
CALLERS = {"rest": 3, "grpc": 1}
FETCHED = "http.edge.jwt_authn.jwks_fetch_success"
# How long a key may live on that is published no more: the services look each second, and so does this edge.
SOON_S = 10


class Load:
    """Callers who call one after another, each time with the newest token, and keep what went wrong."""

    def __init__(self, edge, suite, token: str):
        self.token = token
        self.failures = []
        self.calls = dict.fromkeys(range(sum(CALLERS.values())), 0)
        self._stopped = threading.Event()
        makers = [lambda: self._over_rest(edge)] * CALLERS["rest"] + [lambda: self._over_grpc(suite)] * CALLERS["grpc"]
        self._threads = [threading.Thread(target=self._run, args=one) for one in zip(self.calls, makers)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def await_calls(self, each: int) -> None:
        """Until every caller has begun and ended so many more."""
        wanted = {caller: calls + each + 1 for caller, calls in self.calls.items()}
        await_true(lambda: all(self.calls[caller] >= calls for caller, calls in wanted.items()), "calls")

    def _run(self, caller: int, maker) -> None:
        with maker() as call:
            while not self._stopped.is_set():
                try:
                    failure = call(self.token)
                except Exception as broken:
                    failure = repr(broken)
                if failure:
                    self.failures.append(failure)
                self.calls[caller] += 1

    @contextlib.contextmanager
    def _over_rest(self, edge):
        rest = Rest(edge, {})

        def call(token: str) -> str | None:
            answer = rest.get(HEAD, headers={"authorization": f"Bearer {token}"})
            return None if answer.status_code == 200 else answer.text

        yield call

    @contextlib.contextmanager
    def _over_grpc(self, suite):
        with grpc.insecure_channel(suite.address) as channel:
            yield lambda token: refusal(channel, [("authorization", f"Bearer {token}")])


def await_true(condition, what: str, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not come"


@pytest.fixture
def own(tmp_path) -> issuers.Issuer:
    return issuers.Issuer(tmp_path)


def test_keys_are_rotated_under_load_with_no_failed_call(own, start_suite, start_edge):
    suite = start_suite(own.flags(), {"token_file": own.token_file()})
    edge = start_edge(suite.address, own.flags() | {"jwt_refresh_s": 1})
    with Load(edge, suite, own.token()) as load, grpc.insecure_channel(suite.address) as past_the_edge:
        keys = itertools.cycle(issuers.MAKERS)
        before = own.keys["ES256"]
        for rotation in range(ROTATIONS):
            load.await_calls(10)
            after = issuers.new_key(f"rotated-{rotation}", next(keys))
            publish_beside(own, edge, past_the_edge, before, after)
            old = load.token
            load.token = own.token(after)
            load.await_calls(10)
            own.publish(after)
            # One that both have seen before: neither may remember that it was good.
            await_true(lambda: is_refused(Rest(edge, {}), past_the_edge, old), f"the end of {before.kid}", SOON_S)
            before = after
    assert load.failures == []
    assert min(load.calls.values()) >= ROTATIONS * 20


def publish_beside(own, edge, past_the_edge, before, after) -> None:
    """Until both let the new key's tokens pass; the edge in each of its threads, so fetched twice since."""
    own.publish(before, after)
    fetched = edge.stat(FETCHED)
    await_true(lambda: edge.stat(FETCHED) > fetched + 1, "the edge's fetch")
    headers = [("authorization", f"Bearer {own.token(after)}")]
    await_true(lambda: refusal(past_the_edge, headers) is None and Rest(edge, {}).get(HEAD, headers=dict(headers)).status_code == 200, "the new key")


def is_refused(rest: Rest, past_the_edge: grpc.Channel, token: str) -> bool:
    headers = [("authorization", f"Bearer {token}")]
    return rest.get(HEAD, headers=dict(headers)).status_code == 401 and refusal(past_the_edge, headers) == "UNKNOWN_KEY"
