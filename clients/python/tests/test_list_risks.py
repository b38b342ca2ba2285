"""Risks as list_risks.py shows them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from orewatch.risk.v1 import score_pb2
from orewatch.type.v1 import types_pb2
from suite import Server, free_port, run_example

import list_risks


def test_the_worst_comes_first_with_stage_and_top_country(suite: Server) -> None:
    shown = run_example("list_risks", "--address", suite.address)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[1].split() == ["1", "Gallium", "process", "9608", "severe", "CN", "98.0%", "COMPLETE"]
    assert [line.split()[1] for line in lines[1:4]] == ["Gallium", "Cobalt", "Lithium"]


def test_a_withheld_figure_shows_as_an_upper_bound_that_nobody_knows(suite: Server) -> None:
    shown = run_example("list_risks", "--address", suite.address)
    lithium = next(line for line in shown.stdout.splitlines() if "Lithium" in line)
    assert ", ?]" in lithium
    assert "unknown" in lithium
    assert "INCOMPLETE: WITHHELD:US" in lithium


def test_a_mineral_without_a_score_is_named_whatever_the_limit(suite: Server) -> None:
    shown = run_example("list_risks", "--address", suite.address, "--limit", 1)
    assert "Cobalt" not in shown.stdout
    assert "Unknown, which is not safe: Scandium" in shown.stdout


def test_no_value_is_not_zero() -> None:
    score = score_pb2.Score(completeness=types_pb2.Completeness(state=types_pb2.Completeness.STATE_UNSET))
    assert list_risks.value_text(score) == "?"


@pytest.fixture
def gateway_alone(suite: Server, tmp_path: Path) -> Iterator[Server]:
    """One that reaches the registry, and no service of scores."""
    nobody = f"127.0.0.1:{free_port()}"
    flags = [f"--registry_address={suite.address}", f"--risk_address={nobody}", f"--alerting_address={suite.address}"]
    server = Server("orewatch-gateway", tmp_path, flags)
    server.start()
    yield server
    server.stop()


def test_a_section_that_is_missing_is_told_and_fails_the_program(gateway_alone: Server) -> None:
    shown = run_example("list_risks", "--address", gateway_alone.address)
    assert shown.returncode == 3
    assert "risk is UNAVAILABLE" in shown.stderr
    assert "alerting is" not in shown.stderr


def test_a_list_that_nothing_is_on_is_not_a_world_without_risk(suite: Server) -> None:
    shown = run_example("list_risks", "--address", suite.address, "--list", "US_2052")
    assert shown.returncode == 1
    assert "INVALID_ARGUMENT" in shown.stderr
    assert "critical_list: " in shown.stderr
