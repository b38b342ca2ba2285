"""PostgreSQL as CloudNativePG runs it: its instances, what is copied of it, its volumes."""

from support.case import Case
from support.series import counts, levels

NAME = "orewatch-postgres"
HERE = {"namespace": "prod"}


def of_pod(family: str, number: int = 1, cluster: str = NAME, more: str = "") -> str:
    return f'{family}{{namespace="prod",pod="{cluster}-{number}"{more}}}'


def down(severity: str, name: str, *instances: str, cluster: str = NAME, **expected) -> Case:
    # By this label the exporter names the cluster of PostgreSQL; where targets have one of the name, it is called `exported_cluster`.
    series = {of_pod("cnpg_collector_up", number, cluster, f',exported_cluster="{cluster}"'): values for number, values in enumerate(instances, start=1)}
    return Case("OrewatchPostgresDown", name, series, severity=severity, labels=HERE, **expected)


def replica(name: str, lag: str, receives: str, number: int = 2, cluster: str = NAME, replays: int = 1, **expected) -> Case:
    series = {
        of_pod("cnpg_pg_replication_lag", number, cluster): lag,
        of_pod("cnpg_pg_replication_in_recovery", number, cluster): levels(("40m", replays)),
        of_pod("cnpg_pg_replication_is_wal_receiver_up", number, cluster): receives,
    }
    return Case("OrewatchPostgresReplicationLag", name, series, severity="warning", labels=HERE | {"pod": f"{cluster}-{number}"}, **expected)


def archive(severity: str, name: str, archived: str, ready: str, cluster: str = NAME, **expected) -> Case:
    """Beside a replica, which archives nothing, and keeps a file from when it was the primary."""
    status = "cnpg_collector_pg_wal_archive_status"
    series = {
        of_pod("cnpg_pg_stat_archiver_last_archived_time", 1, cluster): archived,
        of_pod(status, 1, cluster, ',value="ready"'): ready,
        of_pod(status, 1, cluster, ',value="done"'): levels(("3h", 9), step="1m"),
        of_pod(status, 2, cluster, ',value="ready"'): levels(("3h", 1), step="1m"),
    }
    return Case("OrewatchPostgresArchiveStalled", name, series, severity=severity, labels=HERE | {"pod": f"{cluster}-1"}, step="1m", **expected)


def backup(name: str, plugin: str | None, operator: str = levels(("40h", 0), step="5m"), cluster: str = NAME, **expected) -> Case:
    """What each of two pods says of the last copy: the plugin, if it says anything, and the operator, which knows of its own copies alone."""
    told = {"cnpg_collector_last_available_backup_timestamp": operator}
    if plugin:
        told["barman_cloud_cloudnative_pg_io_last_available_backup_timestamp"] = plugin
    series = {of_pod(family, number, cluster): values for family, values in told.items() for number in (1, 2)}
    return Case("OrewatchPostgresBackupOld", name, series, severity="warning", labels=HERE, step="5m", **expected)


def volume(severity: str, name: str, claim: str, free: str, **expected) -> Case:
    """Of a hundred bytes, as the nodes see it."""
    labels = f'namespace="prod",job="kubelet",persistentvolumeclaim="{claim}"'
    series = {f"kubelet_volume_stats_available_bytes{{{labels}}}": free, f"kubelet_volume_stats_capacity_bytes{{{labels}}}": levels(("30m", 100))}
    return Case("OrewatchPostgresDiskFillingUp", name, series, severity=severity, labels=HERE | {"persistentvolumeclaim": claim}, **expected)


def log_volume(severity: str, name: str, size: str, volume_size: float | None = 100, **expected) -> Case:
    """As PostgreSQL sees it."""
    family = "cnpg_collector_pg_wal"
    series = {of_pod(family, more=',value="size"'): size, of_pod(family, more=',value="volume_size"'): levels(("30m", volume_size))}
    labels = HERE | {"persistentvolumeclaim": f"{NAME}-1-wal"}
    return Case("OrewatchPostgresDiskFillingUp", name, series, severity=severity, labels=labels, **expected)


def archives(severity: str, fires: str, before: str, old: str) -> list[Case]:
    """Segments are taken all the time, until at 20 minutes no more is; again at two hours."""
    stands = counts(("20m", 1), ("100m", 0), ("1m", 100), ("59m", 1), step="1m")
    waits = levels(("20m", 0), ("101m", 3), ("59m", 0), step="1m")
    one, none = levels(("3h", 1), step="1m"), levels(("3h", 0), step="1m")
    return [
        archive(
            severity,
            "its log waits, and is not taken, for a while",
            stands,
            waits,
            fires=(fires, "119m"),
            silent=(before, "121m"),
            says=f"orewatch-postgres-1 has log to archive, and last did {old} ago.",
        ),
        archive(severity, "one segment waits", stands, one, fires=(fires,), silent=(before,)),
        archive(severity, "nothing waits", stands, none, silent=("119m",)),
        archive(severity, "some always waits, and some is always taken", counts(("3h", 1), step="1m"), one, silent=("179m",)),
        archive(severity, "nothing has ever been taken", levels(("3h", -1), step="1m"), one, fires=("179m",)),
        archive(severity, "somebody else's waits", stands, waits, "other", silent=("119m",)),
    ]


def volumes(severity: str, enough: int, little: int) -> list[Case]:
    told = f"{little}% of the volume {{}} is free."
    while_little = levels(("10m", enough), ("10m", little), ("10m", enough))
    return [
        volume(
            severity,
            "little is free, for a while",
            f"{NAME}-2",
            while_little,
            fires=("15m", "19m45s"),
            silent=("14m45s", "20m"),
            says=told.format(f"{NAME}-2"),
        ),
        volume(severity, "little is free for the log", f"{NAME}-12-wal", while_little, fires=("15m",), silent=("20m",)),
        volume(severity, "enough is free", f"{NAME}-2", levels(("30m", enough)), silent=("29m",)),
        volume(severity, "little is free of somebody else's", "other-2", levels(("30m", little)), silent=("29m",)),
        log_volume(
            severity,
            "the log is long, for a while",
            levels(("10m", 100 - enough), ("10m", 100 - little), ("10m", 100 - enough)),
            fires=("15m", "19m45s"),
            silent=("14m45s", "20m"),
            says=told.format(f"{NAME}-1-wal"),
        ),
        log_volume(severity, "the log has no volume of its own", levels(("30m", 99)), None, silent=("29m",)),
    ]


ALWAYS = levels(("40m", 1))
# Some hours, in steps of five minutes.
LONG = "5m"
CASES = [
    down(
        "critical",
        "none of two is up",
        levels(("10m", 1), ("10m", 0), ("10m", 1)),
        levels(("10m", 1), ("10m", 0), ("10m", 0)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="0% of the instances of PostgreSQL in prod are up.",
    ),
    down("critical", "one of two is up", ALWAYS, levels(("40m", 0)), silent=("39m",)),
    down("critical", "somebody else's is down", levels(("40m", 0)), cluster="other", silent=("39m",)),
    down(
        "critical",
        "two are gone with their nodes, and one comes back",
        levels(("10m", 1)) + " stale",
        levels(("10m", 1)) + " stale " + levels(("10m", None), ("10m", 1)),
        fires=("12m", "19m45s"),
        silent=("11m45s", "20m"),
        says="0% of the instances of PostgreSQL in prod are up.",
    ),
    down(
        "critical",
        "they are gone for good",
        levels(("1h", 1), step=LONG) + " stale",
        step=LONG,
        fires=("1h5m", "24h50m"),
        silent=("55m", "25h5m"),
    ),
    down(
        "warning",
        "one of two is down",
        ALWAYS,
        levels(("10m", 1), ("20m", 0), ("10m", 1)),
        fires=("20m", "29m45s"),
        silent=("19m45s", "30m"),
        says="50% of the instances of PostgreSQL in prod are up.",
    ),
    down("warning", "seven of eight are up", *[ALWAYS] * 7, levels(("40m", 0)), fires=("39m",)),
    down("warning", "all are up", ALWAYS, ALWAYS, silent=("39m",)),
    down(
        "warning",
        "one of two is gone with its node, until it stands elsewhere under another name",
        ALWAYS,
        levels(("10m", 1)) + " stale",
        levels(("30m15s", None), ("10m", 1)),
        fires=("20m", "29m45s"),
        silent=("19m45s", "30m"),
        says="50% of the instances of PostgreSQL in prod are up.",
    ),
    down(
        "warning",
        "one of two is taken away for good",
        levels(("30h", 1), step=LONG),
        levels(("1h", 1), step=LONG) + " stale",
        step=LONG,
        fires=("1h15m", "24h50m"),
        silent=("55m", "25h5m"),
    ),
    replica(
        "32 s, for a while",
        levels(("10m", 0), ("20m", 32), ("10m", 0)),
        ALWAYS,
        fires=("15m", "29m45s"),
        silent=("14m45s", "30m"),
        says="orewatch-postgres-2 is 32s behind.",
    ),
    replica("28 s", levels(("40m", 28)), ALWAYS, silent=("39m",)),
    replica("somebody else's", levels(("40m", 99)), ALWAYS, cluster="other", silent=("39m",)),
    replica(
        "it is sent nothing, for a while",
        levels(("40m", 0)),
        levels(("10m", 1), ("20m", 0), ("10m", 1)),
        fires=("15m", "29m45s"),
        silent=("14m45s", "30m"),
        says="orewatch-postgres-2 is sent nothing.",
    ),
    replica("the primary is sent nothing", levels(("40m", 0)), levels(("40m", 0)), replays=0, silent=("39m",)),
    *archives("warning", "41m", "40m", "21m 0s"),
    *archives("critical", "86m", "85m", "1h 6m 0s"),
    backup(
        "a night is left out",
        levels(("1h", 0), ("31h", 3600), ("8h", 32 * 3600), step="5m"),
        fires=("28h5m", "31h55m"),
        silent=("27h55m", "32h"),
        says="The last copy of PostgreSQL in prod is 1d 3h 5m 0s old.",
    ),
    backup("it is copied each night", levels(("1h", 0), ("24h", 3600), ("15h", 25 * 3600), step="5m"), silent=("26h", "38h")),
    backup("there is none yet", levels(("40h", 0), step="5m"), fires=("30h",)),
    backup("nothing tells of any", None, fires=("30h",)),
    backup("the operator copies by itself", None, levels(("1h", 0), ("24h", 3600), ("15h", 25 * 3600), step="5m"), silent=("26h", "38h")),
    backup("somebody else's is old", levels(("40h", 0), step="5m"), cluster="other", silent=("39h",)),
    *volumes("warning", 16, 14),
    *volumes("critical", 6, 4),
]
