#!/usr/bin/env python3
"""Gives a supplier another display name, whatever comes in between: how a program changes what others change too.

usage: rename_supplier.py suppliers/lynas "Lynas Rare Earths" [--min_revision N] [--address HOST:PORT] [--ca FILE]
  --min_revision   begin with what this revision says, such as one that another program has just made
"""

import argparse
import sys
import uuid
from collections.abc import Callable
from functools import partial

import grpc
from google.protobuf import field_mask_pb2
from orewatch.registry.v1 import registry_pb2, registry_pb2_grpc, resources_pb2

from orewatch_client import connection, errors

ATTEMPTS = 5


def change_supplier(
    registry: registry_pb2_grpc.RegistryStub,
    name: str,
    change: Callable[[resources_pb2.Supplier], list[str]],
    min_revision: int = 0,
) -> resources_pb2.Supplier:
    """Reads, lets `change` change it and say which fields it has changed, and writes; again if others were faster."""
    for attempt in range(1, ATTEMPTS + 1):
        get = registry_pb2.GetSupplierRequest(name=name, min_revision=min_revision)
        supplier = errors.persist(partial(registry.GetSupplier, get))
        fields = change(supplier)
        update = registry_pb2.UpdateSupplierRequest(
            # Its etag says what we have read: where it is no longer so, the registry changes nothing.
            supplier=supplier,
            update_mask=field_mask_pb2.FieldMask(paths=fields),
            # The channel may send it twice; the registry does it once.
            request_id=str(uuid.uuid4()),
        )
        try:
            return errors.persist(partial(registry.UpdateSupplier, update))
        except grpc.RpcError as error:
            if errors.problem_of(error).code is not grpc.StatusCode.ABORTED or attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt has returned or raised")


def main() -> int:
    parser = argparse.ArgumentParser(description="Give a supplier another display name.")
    parser.add_argument("name", help="such as suppliers/lynas")
    parser.add_argument("display_name")
    parser.add_argument("--min_revision", type=int, default=0, help="begin with what this revision says")
    connection.add_flags(parser)
    flags = parser.parse_args()

    def rename(supplier: resources_pb2.Supplier) -> list[str]:
        supplier.display_name = flags.display_name
        return ["display_name"]

    with connection.connect(connection.options_from(flags)) as channel:
        registry = registry_pb2_grpc.RegistryStub(channel)
        supplier = change_supplier(registry, flags.name, rename, flags.min_revision)
    print(f"{supplier.name} is now {supplier.display_name!r} (revision {supplier.metadata.revision.number})")
    return 0


if __name__ == "__main__":
    sys.exit(errors.run(main))
