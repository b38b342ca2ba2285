#!/usr/bin/env python3
"""Lists the minerals of an official list by risk, the worst first, and says what is not known.

usage: list_risks.py [--list US_2025] [--limit 10] [--min_revision N] [--address HOST:PORT] [--ca FILE]
"""

import argparse
import sys
from collections.abc import Iterable, Sequence

from orewatch.gateway.v1 import gateway_pb2, gateway_pb2_grpc, section_pb2
from orewatch.risk.v1 import score_pb2
from orewatch.type.v1 import types_pb2

from orewatch_client import connection, errors

Section = section_pb2.SectionStatus


def value_text(score: score_pb2.Score) -> str:
    """The value with its bounds. An upper bound that nobody knows is `?`, and so is a value: neither is 0."""
    value = f"{score.value:.0f}" if score.HasField("value") else "?"
    if not score.HasField("bounds"):
        return value
    upper = f"{score.bounds.upper:.0f}" if score.bounds.HasField("upper") else "?"
    lower = f"{score.bounds.lower:.0f}"
    return value if lower == upper == value else f"{value} [{lower}, {upper}]"


def completeness_text(score: score_pb2.Score) -> str:
    state = types_pb2.Completeness.State.Name(score.completeness.state).removeprefix("STATE_")
    return ": ".join([state, *score.completeness.reasons[:1]]) if score.completeness.reasons else state


def row(rank: int, mineral: gateway_pb2.RankedMineral) -> tuple[str, ...]:
    score = mineral.bottleneck
    return (
        str(rank),
        mineral.mineral.display_name,
        types_pb2.Stage.Name(score.key.stage).removeprefix("STAGE_").lower(),
        value_text(score),
        score_pb2.Band.Name(score.band).removeprefix("BAND_").lower() if score.band else "unknown",
        f"{score.top_country} {score.top_share:.1%}" if score.HasField("top_share") else "unknown",
        completeness_text(score),
    )


def table(rows: Iterable[Sequence[str]]) -> str:
    head = ("#", "MINERAL", "STAGE", "HHI", "BAND", "TOP", "DATA")
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def missing_sections(overview: gateway_pb2.Overview) -> Iterable[str]:
    """An answer may lack a part: whoever does not look takes a service that is down for a world without risk."""
    for name, section in (
        ("registry", overview.registry),
        ("risk", overview.risk),
        ("alerting", overview.alerting),
    ):
        if section.state != Section.STATE_FRESH:
            yield f"{name} is {Section.State.Name(section.state).removeprefix('STATE_')}: {section.error}"


def list_risks(gateway: gateway_pb2_grpc.GatewayStub, critical_list: str, limit: int, min_revision: int) -> int:
    # All of them, since those without a score come last, and a limit would cut off what is not known.
    request = gateway_pb2.GetOverviewRequest(critical_list=critical_list, min_revision=min_revision)
    overview = errors.persist(lambda: gateway.GetOverview(request))
    known = [each for each in overview.minerals if each.HasField("bottleneck")]
    unknown = [each.mineral.display_name for each in overview.minerals if not each.HasField("bottleneck")]
    print(table(row(rank, mineral) for rank, mineral in enumerate(known[:limit], start=1)))
    if unknown:
        print(f"Unknown, which is not safe: {', '.join(unknown)}")
    print(f"{len(overview.firing_alerts)} alerts fire. Registry revision {overview.risk.revision.number}.")
    missing = list(missing_sections(overview))
    for each in missing:
        print(each, file=sys.stderr)
    return 3 if missing else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="List minerals by risk, the worst first.")
    parser.add_argument("--list", default="", help="official list, such as US_2025; default: the server's")
    parser.add_argument("--limit", type=int, default=10, help="at most this many minerals with a score")
    parser.add_argument("--min_revision", type=int, default=0, help="at least as new, such as an import just made")
    connection.add_flags(parser)
    flags = parser.parse_args()
    with connection.connect(connection.options_from(flags)) as channel:
        return list_risks(gateway_pb2_grpc.GatewayStub(channel), flags.list, flags.limit, flags.min_revision)


if __name__ == "__main__":
    sys.exit(errors.run(main))
