"""import_file.py and what it says of rows."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc
from suite import DATA, PATIENCE_SECONDS, Server, command_of, environment, import_fixture, run_example

import import_file


def head(server: Server) -> int:
    with server.connect() as channel:
        return registry_pb2_grpc.RegistryStub(channel).GetHead(registry_pb2.GetHeadRequest()).revision.number


@pytest.fixture(scope="module")
def server(own_suite: Callable[..., Server]) -> Server:
    server = own_suite()
    import_fixture(server)
    return server


def test_every_rejected_row_is_reported_and_nothing_is_imported(server: Server) -> None:
    before = head(server)
    done = run_example("import_file", DATA / "bad.csv", "--address", server.address)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines[:3]] == ["bad.csv:3:", "bad.csv:4:", "bad.csv:5:"]
    assert "unobtainium" in lines[0]
    assert "tonnes" in lines[1]
    assert lines[2] == "bad.csv:5: quantity_tonnes: 'many' cannot be read"
    assert lines[3] == "3 rows rejected, so nothing was imported"
    assert head(server) == before


def test_a_run_with_the_same_request_id_has_no_effect_a_second_time(server: Server) -> None:
    before = head(server)
    arguments = (DATA / "good.csv", "--address", server.address, "--request_id", "8c9e6679")
    first = run_example("import_file", *arguments)
    second = run_example("import_file", *arguments)
    assert first.stdout == f"created 2, updated 0, unchanged 0 (revision {before + 1})\n"
    # Not "unchanged 2": it is the first answer.
    assert second.stdout == first.stdout
    assert head(server) == before + 1


def test_the_same_request_id_for_other_rows_is_refused(server: Server, tmp_path: Path) -> None:
    run_example("import_file", DATA / "good.csv", "--address", server.address, "--request_id", "once")
    other = tmp_path / "other.csv"
    other.write_text((DATA / "good.csv").read_text().replace(",80,", ",81,"))
    done = run_example("import_file", other, "--address", server.address, "--request_id", "once")
    assert done.returncode == 1
    assert "INVALID_ARGUMENT" in done.stderr
    assert "request_id" in done.stderr


def test_an_import_outlasts_a_restart_of_the_server(server: Server, tmp_path: Path) -> None:
    before = head(server)
    server.stop()
    file = tmp_path / "other.csv"
    file.write_text((DATA / "good.csv").read_text().replace("example-2026", "of-this-test"))
    command = command_of("import_file", file, "--address", server.address)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as importing:
        server.start()
        output, _ = importing.communicate(timeout=PATIENCE_SECONDS)
    assert output == f"created 2, updated 0, unchanged 0 (revision {before + 1})\n"


def test_a_file_without_a_column_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text("mineral,stage,country\ncobalt,mine,CD\n")
    with pytest.raises(ValueError, match="no column basis, dataset, product"):
        import_file.read(file)


def test_more_rows_than_fit_into_a_message_are_sent_in_several() -> None:
    rows = [registry_pb2.ImportRequest.Row(line=line) for line in range(2500)]
    sent = list(import_file.messages(rows, "id", validate_only=False))
    assert [len(message.rows) for message in sent] == [1000, 1000, 500]
    assert all(message.atomic and message.request_id == "id" for message in sent)
