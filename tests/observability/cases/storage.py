"""What keeps the data: disks, databases, the audit log."""

from support.case import Case
from support.series import counts, levels

JOB = 'job="orewatch-registry",instance="a"'
HERE = {"job": "orewatch-registry", "instance": "a"}
STORE = HERE | {"store": "registry"}


def disk(free: str, capacity: float, size: float = 21e6) -> dict:
    """Of a store that is small: others fill the disk."""
    labels = f'{JOB},store="registry"'
    series = {"free": free, "capacity": f"{capacity:.10g}x4000", "size": f"{size:.10g}x4000"}
    return {f"orewatch_storage_{name}_bytes{{{labels}}}": values for name, values in series.items()}


def full(name: str, series: dict, **expected) -> Case:
    return Case("OrewatchDiskFull", name, series, labels=STORE, says="The store registry of orewatch-registry on a has no room left.", **expected)


def filling(name: str, free: str, capacity: float, **expected) -> Case:
    return Case("OrewatchDiskFillingUp", name, disk(free, capacity), severity="warning", labels=STORE, **expected)


def trend(name: str, free: float, days: float, **expected) -> Case:
    """A disk of ten GB: `free` of them, full in so many days."""
    return filling(name, counts(("3h", -free * 1e9 / days / 86400), start=free * 1e9), 10e9, **expected)


def to_the_byte(name: str, more: float, **expected) -> Case:
    """At 800 B in a second, in which an hour from the start nothing is left a day later, and as much more."""
    return filling(name, counts(("80m", -800), start=800 * (3600 + 86400) + more), 200e6, **expected)


def write_errors(error_class: str) -> dict:
    return {f'orewatch_storage_write_errors_total{{{JOB},store="registry",class="{error_class}"}}': counts(("5m", 0), ("15s", 1 / 15), ("10m", 0))}


def audit(name: str, series: dict, **expected) -> Case:
    named = {f"orewatch_audit_{family}{{{JOB}}}": values for family, values in series.items()}
    return Case("OrewatchAuditLogStuck", name, named, labels=HERE, says="orewatch-registry on a cannot write its audit log.", **expected)


def database(name: str, errors: str, queries: str, **expected) -> Case:
    series = {
        f'orewatch_db_errors_total{{{JOB},class="connection"}}': errors,
        f'orewatch_db_query_seconds_count{{{JOB},operation="read"}}': queries,
    }
    return Case("OrewatchDatabaseUnreachable", name, series, labels=HERE, **expected)


CASES = [
    full(
        "less than 2 % are free, for a while",
        disk(levels(("5m", 21e6), ("5m", 19e6), ("5m", 21e6)), 1e9),
        fires=("6m", "9m45s"),
        silent=("5m45s", "10m"),
    ),
    full("16 MB are left on a disk that is hardly used", disk(levels(("10m", 16e6)), 17e6), fires=("5m",)),
    full("17.5 MB are left", disk(levels(("10m", 17.5e6)), 18e6), silent=("5m",)),
    full("a write found the disk full", write_errors("full"), fires=("6m15s", "10m"), silent=("6m", "10m15s")),
    full("a write failed for another reason", write_errors("io"), silent=("7m",)),
    filling(
        "9.5 % are free, for a while",
        levels(("5m", 105e6), ("25m", 95e6), ("5m", 600e6)),
        1e9,
        fires=("20m", "29m45s"),
        silent=("19m45s", "30m"),
        says="9.5% of the disk of the store registry of orewatch-registry on a is free: it is almost full, or will be within a day.",
    ),
    filling("9.5 % are free, no more and no less", levels(("30m", 95e6)), 1e9, fires=("20m",)),
    filling("64 MB are left on a small disk, long before the page", levels(("30m", 64e6)), 100e6, fires=("20m",)),
    filling("70 MB are left on a small disk", levels(("30m", 70e6)), 100e6, silent=("20m",)),
    trend(
        "it will be full in 22 hours",
        4,
        0.92,
        fires=("20m",),
        silent=("15m",),
        says="39.4% of the disk of the store registry of orewatch-registry on a is free: it is almost full, or will be within a day.",
    ),
    to_the_byte("half a byte is left a day later", 0.5, fires=("75m15s",), silent=("75m",)),
    to_the_byte("half a byte is missing a day later", -0.5, fires=("75m",), silent=("74m45s",)),
    trend("it will be full in 26 hours", 4, 1.1, silent=("20m",)),
    trend("48 % are free, less each hour", 4.8, 0.9, fires=("20m",)),
    trend("52 % are free, less each hour", 5.2, 0.9, silent=("20m",)),
    Case(
        "OrewatchDiskFillingUp",
        "it begins to fill after ten hours",
        disk(counts(("10h", 0), ("10h", -4e9 / 2 / 86400 * 3), step="5m", start=4e9), 10e9),
        severity="warning",
        fires=("13h30m",),
        silent=("13h25m",),
        step="5m",
    ),
    audit(
        "it cannot be written, for a while",
        {"writable": levels(("5m", 1), ("5m", 0), ("5m", 1)), "sequence": levels(("15m", 1))},
        fires=("6m", "9m45s"),
        silent=("5m45s", "10m"),
    ),
    audit("there is none", {"writable": levels(("15m", 0)), "sequence": levels(("15m", 0))}, silent=("10m",)),
    audit("a write fails once", {"write_failures_total": counts(("5m", 0), ("15s", 1 / 15), ("10m", 0))}, fires=("6m15s", "10m"), silent=("6m", "10m15s")),
    database(
        "more than half of the attempts to connect fail, for a while",
        counts(("10m", 0), ("10m", 0.6), ("10m", 0)),
        counts(("30m", 1)),
        fires=("13m", "20m"),
        silent=("12m15s", "20m45s"),
        says="orewatch-registry on a has lost or failed to open 36 connections to its database lately.",
    ),
    database(
        "eight attempts fail, of a service that asks little",
        counts(("10m", 0), ("15s", 8 / 15), ("10m", 0)),
        counts(("20m15s", 5 / 60)),
        silent=("11m", "12m", "13m", "15m"),
    ),
    database("less than half fail", counts(("30m", 0.45)), counts(("30m", 1)), silent=("29m",)),
    database("nothing is asked, and nothing fails", counts(("30m", 0)), counts(("30m", 0)), silent=("29m",)),
    Case(
        "OrewatchDatabasePoolSaturated",
        "92 of 100 connections are in use, for a while",
        {
            f'orewatch_db_connections{{{JOB},state="in_use"}}': levels(("5m", 88), ("15m", 92), ("5m", 88)),
            f'orewatch_db_connections{{{JOB},state="idle"}}': levels(("25m", 8)),
            f"orewatch_db_connections_max{{{JOB}}}": levels(("25m", 100)),
        },
        fires=("15m", "19m45s"),
        silent=("14m45s", "20m"),
        severity="warning",
        labels=HERE,
        says="orewatch-registry on a uses 92% of its connections to the database.",
    ),
]
