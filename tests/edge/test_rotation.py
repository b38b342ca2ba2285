"""The keys of tokens, and the certificates between edge and services, replaced while callers call, through the edge and past it."""

import contextlib
import itertools
import ssl
import threading
import time

import grpc
import pytest
from cryptography import x509

from programs import issuer as issuers
from support.grpc_calls import refusal
from support.rest import Rest

HEAD = "/registry/v1/head"
ROTATIONS = 3
FETCHED = "http.edge.jwt_authn.jwks_fetch_success"
RENEWED = "cluster.registry.client_ssl_socket_factory.ssl_context_update_by_sds"
# How long a key may live on that is published no more: the services look each second, and so does this edge.
SOON_S = 10


class Load:
    """Callers who call one after another, each time with the newest token, and keep what went wrong."""

    def __init__(self, token: str, *makers):
        """Each maker gives a context in which calls are made: of a token, to what went wrong."""
        self.token = token
        self.failures = []
        self.calls = dict.fromkeys(range(len(makers)), 0)
        self._stopped = threading.Event()
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
def over_rest(edge):
    rest = Rest(edge, {})

    def call(token: str) -> str | None:
        answer = rest.get(HEAD, headers={"authorization": f"Bearer {token}"})
        return None if answer.status_code == 200 else answer.text

    yield call


@contextlib.contextmanager
def past_the_edge(suite):
    with grpc.insecure_channel(suite.address) as channel:
        yield lambda token: refusal(channel, [("authorization", f"Bearer {token}")])


@contextlib.contextmanager
def with_new_connections(address: str, ca, certificate: issuers.Certificate):
    """Over mutual TLS, by the files as they are at that moment."""

    def call(token: str) -> str | None:
        shown = grpc.ssl_channel_credentials(ca.read_bytes(), certificate.key.read_bytes(), certificate.cert.read_bytes())
        with grpc.secure_channel(address, shown) as channel:
            return refusal(channel, [("authorization", f"Bearer {token}")])

    yield call


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
    callers = [lambda: over_rest(edge)] * 3 + [lambda: past_the_edge(suite)]
    with Load(own.token(), *callers) as load, grpc.insecure_channel(suite.address) as channel:
        keys = itertools.cycle(issuers.MAKERS)
        before = own.keys["ES256"]
        for rotation in range(ROTATIONS):
            load.await_calls(10)
            after = issuers.new_key(f"rotated-{rotation}", next(keys))
            publish_beside(own, edge, channel, before, after)
            old = load.token
            load.token = own.token(after)
            load.await_calls(10)
            own.publish(after)
            # One that both have seen before: neither may remember that it was good.
            await_true(lambda: is_refused(Rest(edge, {}), channel, old), f"the end of {before.kid}", SOON_S)
            before = after
    assert load.failures == []
    assert min(load.calls.values()) >= ROTATIONS * 20


def publish_beside(own, edge, channel, before, after) -> None:
    """Until both let the new key's tokens pass; the edge in each of its threads, so fetched twice since."""
    own.publish(before, after)
    fetched = edge.stat(FETCHED)
    await_true(lambda: edge.stat(FETCHED) > fetched + 1, "the edge's fetch")
    headers = [("authorization", f"Bearer {own.token(after)}")]
    await_true(lambda: refusal(channel, headers) is None and Rest(edge, {}).get(HEAD, headers=dict(headers)).status_code == 200, "the new key")


def is_refused(rest: Rest, channel: grpc.Channel, token: str) -> bool:
    headers = [("authorization", f"Bearer {token}")]
    return rest.get(HEAD, headers=dict(headers)).status_code == 401 and refusal(channel, headers) == "UNKNOWN_KEY"


def test_certificates_of_both_sides_are_rotated_under_load_with_no_failed_call(own, tmp_path, start_suite, start_edge):
    authority = issuers.Authority(tmp_path)
    # Whoever else calls shows a third one; it stays as it is, since a client reads two files and may find them in between.
    server, client, caller = (authority.issue(tmp_path / name, f"spiffe://example.org/{name}") for name in ("suite", "edge", "caller"))
    tls = {"tls_certificate": server.cert, "tls_key": server.key, "tls_client_ca": authority.file, "tls_client_auth": "required"}
    suite = start_suite(own.flags() | tls, {"token_file": own.token_file(), "ca": authority.file, "certificate": caller.cert, "key": caller.key})
    upstream = {"upstream_ca": authority.file, "upstream_cert": client.cert, "upstream_key": client.key}
    edge = start_edge(suite.address, own.flags() | upstream)
    callers = [lambda: over_rest(edge)] * 2 + [lambda: with_new_connections(suite.address, authority.file, caller)]
    with Load(own.token(), *callers) as load:
        for _ in range(ROTATIONS):
            load.await_calls(10)
            taken = edge.stat(RENEWED)
            authority.renew(server, "spiffe://example.org/suite")
            authority.renew(client, "spiffe://example.org/edge")
            await_true(lambda: served_serial(suite) == server.serial(), "the new certificate of the services", SOON_S)
            await_true(lambda: edge.stat(RENEWED) > taken, "the new certificate of the edge", SOON_S)
            load.await_calls(10)
    assert load.failures == []
    # Nobody but those with the new ones is here now.
    assert Rest(start_edge(suite.address, own.flags() | upstream), {"authorization": f"Bearer {own.token()}"}).ok("GET", HEAD)


def served_serial(suite) -> int:
    host, _, port = suite.address.rpartition(":")
    shown = ssl.get_server_certificate((host, int(port)))
    return x509.load_pem_x509_certificate(shown.encode()).serial_number
