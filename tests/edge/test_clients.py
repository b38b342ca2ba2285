"""The example clients of clients/ through the edge: TLS outside, tokens checked; gRPC from both languages, and gRPC-Web."""

import os
import pathlib
import subprocess
import threading
import time

import pytest

from programs.issuer import certificate
from programs.process import PATIENCE_S, ROOT

CLIENTS = ROOT / "build/clients"
# Made by clients/setup.
LANGUAGES = {
    "python": lambda name: [CLIENTS / "venv/bin/python", ROOT / f"clients/python/{name}.py"],
    "typescript": lambda name: ["node", CLIENTS / f"typescript/dist/src/{name}.js"],
}
# How each writes the names of codes.
UNAUTHENTICATED = {"python": "UNAUTHENTICATED", "typescript": "Unauthenticated"}
UNAVAILABLE = {"python": "UNAVAILABLE", "typescript": "Unavailable"}


class Client:
    """Runs the examples in one language, with a token of a file and the authority of the edge."""

    def __init__(self, language: str, folder: pathlib.Path, edge, token: str | None):
        self.language = language
        self._edge = edge
        self._flags = []
        if token is not None:
            self.token_file = folder / "token"
            self.token_file.write_text(token)
            self._flags = ["--token_file", self.token_file]

    def command(self, name: str, *arguments, ca: pathlib.Path | None = None) -> list:
        connection = ["--address", self._edge.address, "--ca", ca or self._edge.ca]
        command = [*LANGUAGES[self.language](name), *arguments, *connection, *self._flags]
        return [str(part) for part in command]

    def run(self, name: str, *arguments, ca: pathlib.Path | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(name, *arguments, ca=ca), capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.fixture(params=sorted(LANGUAGES))
def client(request, tmp_path, edge, issuer) -> Client:
    return Client(request.param, tmp_path, edge, issuer.token())


@pytest.fixture(params=sorted(LANGUAGES))
def make_client(request, tmp_path, edge):
    return lambda token: Client(request.param, tmp_path, edge, token)


def web(edge, *arguments) -> subprocess.CompletedProcess:
    """The list of risks over gRPC-Web."""
    command = [*LANGUAGES["typescript"]("list_risks_web"), edge.url, *arguments]
    environment = os.environ | {"NODE_EXTRA_CA_CERTS": str(edge.ca)}
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE_S, env=environment)


def test_risks_are_listed(client):
    shown = client.run("list_risks", "--limit", 1)
    assert shown.returncode == 0, shown.stderr
    assert "Gallium" in shown.stdout.splitlines()[1]


def test_without_a_token_nothing_is_shown(make_client):
    client = make_client(None)
    refused = client.run("list_risks")
    assert refused.returncode == 1
    assert UNAUTHENTICATED[client.language] in refused.stderr
    assert refused.stdout == ""


def test_a_token_that_has_expired_is_refused_and_its_successor_is_read(make_client, issuer):
    client = make_client(issuer.token(exp=int(time.time()) - 3600))
    refused = client.run("list_risks")
    assert UNAUTHENTICATED[client.language] in refused.stderr
    client.token_file.write_text(issuer.token())
    assert client.run("list_risks").returncode == 0


def test_an_edge_of_another_authority_is_told_nothing(client, tmp_path_factory):
    other = certificate(tmp_path_factory.mktemp("other"))
    refused = client.run("list_risks", ca=other.cert)
    assert refused.returncode == 1
    assert UNAVAILABLE[client.language] in refused.stderr


def test_every_rejected_row_is_reported(client):
    done = client.run("import_file", ROOT / "clients/testdata/bad.csv")
    assert done.returncode == 1
    assert "bad.csv:3: " in done.stdout
    assert "unobtainium" in done.stdout
    assert "so nothing was imported" in done.stdout


def test_what_happens_to_alerts_comes_through(client, tmp_path):
    """Since the file of the other language has set the figure back, each sees an alert begin."""
    header = "mineral,stage,country,year,quantity_tonnes,basis,scope,product,dataset,source"
    file = tmp_path / "what-if.csv"
    process = subprocess.Popen(client.command("watch_alerts"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines, errors = [], []
    readers = [threading.Thread(target=target.extend, args=(stream,)) for target, stream in ((lines, process.stdout), (errors, process.stderr))]
    for reader in readers:
        reader.start()
    try:
        await_line(errors, "watching after")
        for tonnes, state in ((37450000, "-> FIRING"), (7490000, "-> RESOLVED")):
            row = f"manganese,mine,ZA,2024,{tonnes},contained,manganese content,manganese-ore,usgs-mcs-2026,what if"
            file.write_text(f"{header}\n{row}\n")
            done = client.run("import_file", file)
            assert done.returncode == 0, done.stdout + done.stderr
            await_line(lines, state, "minerals/manganese")
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join()


def await_line(lines: list, *words: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not any(all(word in line for word in words) for line in list(lines)):
        assert time.monotonic() < give_up, f"no line with {words} in {lines}"
        time.sleep(0.02)


def test_grpc_web_shows_what_grpc_shows(edge, issuer, tmp_path):
    client = Client("typescript", tmp_path, edge, issuer.token())
    over_web = web(edge, "--limit", 5, "--token_file", client.token_file)
    assert over_web.returncode == 0, over_web.stderr
    assert over_web.stdout.splitlines()[:6] == client.run("list_risks", "--limit", 5).stdout.splitlines()[:6]


def test_grpc_web_is_told_errors_with_their_reasons(edge, issuer, tmp_path):
    client = Client("typescript", tmp_path, edge, issuer.token())
    arguments = ("--min_revision", 1000000)
    over_web = web(edge, *arguments, "--token_file", client.token_file)
    assert over_web.returncode == 1
    assert "OutOfRange (REVISION_ABOVE_HEAD)" in over_web.stderr
    assert over_web.stderr == client.run("list_risks", *arguments).stderr


def test_grpc_web_needs_a_token_too(edge):
    refused = web(edge)
    assert refused.returncode == 1
    assert "Unauthenticated" in refused.stderr
