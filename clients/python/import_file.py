#!/usr/bin/env python3
"""Imports figures of production from a CSV file, all of them or none, and reports every row that is not taken.

usage: import_file.py FILE [--request_id ID] [--address HOST:PORT] [--ca FILE] [--token_file FILE]
  FILE          columns mineral, stage, country, year, quantity_tonnes, basis, scope, product, dataset, source
  --request_id  of a run whose answer was lost: has no effect a second time
"""

import argparse
import csv
import itertools
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grpc
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc
from orewatch.type.v1 import types_pb2

from orewatch_client import connection, errors

Rejection = registry_pb2.ImportResponse.Rejection
Row = registry_pb2.ImportRequest.Row

COLUMNS = (
    "mineral",
    "stage",
    "country",
    "year",
    "quantity_tonnes",
    "basis",
    "scope",
    "product",
    "dataset",
    "source",
)
ROWS_A_MESSAGE = 1000
DEADLINE_SECONDS = 300.0


def fill(row: Row, cells: Mapping[str, str]) -> str | None:
    """Makes an entry of a line. Returns the column that cannot be read; what can be, the server checks."""
    statistic = row.entry.statistic
    statistic.dataset = cells["dataset"]
    statistic.provenance.source = cells["source"]
    production = statistic.production
    production.mineral = f"minerals/{cells['mineral']}"
    production.country = cells["country"]
    production.product = cells["product"]
    statistic.quantity.scope = cells["scope"]
    column = ""
    try:
        column = "year"
        statistic.year = int(cells[column])
        column = "quantity_tonnes"
        statistic.quantity.tonnes = float(cells[column])
        column = "stage"
        production.stage = types_pb2.Stage.Value(f"STAGE_{cells[column].upper()}")
        column = "basis"
        statistic.quantity.basis = types_pb2.Basis.Value(f"BASIS_{cells[column].upper()}")
    except ValueError:
        return column
    return None


def read(file: Path) -> tuple[list[Row], list[Rejection]]:
    """Rows to send, and those that cannot be. ValueError: a column is missing."""
    rows, unreadable = [], []
    with file.open(newline="", encoding="utf-8") as text:
        reader = csv.DictReader(text)
        if missing := set(COLUMNS) - set(reader.fieldnames or ()):
            raise ValueError(f"{file}: no column {', '.join(sorted(missing))}")
        for cells in reader:
            row = Row(file=file.name, line=reader.line_num)
            if column := fill(row, {name: cells[name] or "" for name in COLUMNS}):
                reason = f"{cells[column]!r} cannot be read"
                unreadable.append(Rejection(file=row.file, line=row.line, field=column, reason=reason))
            else:
                rows.append(row)
    return rows, unreadable


def messages(rows: Iterable[Row], request_id: str, validate_only: bool) -> Iterator[registry_pb2.ImportRequest]:
    remaining = iter(rows)
    while batch := list(itertools.islice(remaining, ROWS_A_MESSAGE)):
        yield registry_pb2.ImportRequest(atomic=True, request_id=request_id, validate_only=validate_only, rows=batch)


def import_rows(
    registry: registry_pb2_grpc.RegistryStub, rows: list[Row], request_id: str, validate_only: bool = False
) -> registry_pb2.ImportResponse:
    """All rows or none, once, however often the connection breaks: the request_id makes a repetition safe."""
    return errors.persist(
        lambda: registry.Import(messages(rows, request_id, validate_only), timeout=DEADLINE_SECONDS),
        also={grpc.StatusCode.UNAVAILABLE},
    )


def report(answer: registry_pb2.ImportResponse, unreadable: list[Rejection]) -> int:
    for each in sorted([*answer.rejections, *unreadable], key=lambda rejection: (rejection.file, rejection.line)):
        # The reason names the field itself where it lies deeper in the entry.
        print(": ".join(filter(None, (f"{each.file}:{each.line}", each.field, each.reason))))
    rejected = answer.rejected + len(unreadable)
    if rejected:
        # The server lists the first 10,000 only.
        print(f"{rejected} rows rejected, so nothing was imported")
        return 1
    print(
        f"created {answer.created}, updated {answer.updated}, unchanged {answer.unchanged}"
        f" (revision {answer.revision.number})"
    )
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Import figures of production from a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--request_id", default="", help="of a run whose answer was lost")
    connection.add_flags(parser)
    flags = parser.parse_args()
    rows, unreadable = read(flags.file)
    request_id = flags.request_id or str(uuid.uuid4())
    with connection.connect(connection.options_from(flags)) as channel:
        registry = registry_pb2_grpc.RegistryStub(channel)
        try:
            # With rows that cannot be sent there is nothing to import, but the others can be checked.
            answer = import_rows(registry, rows, request_id, validate_only=bool(unreadable))
        except grpc.RpcError:
            print(f"To find out, and to import if it was not: --request_id={request_id}", file=sys.stderr)
            raise
    return report(answer, unreadable)


if __name__ == "__main__":
    sys.exit(errors.run(main))
