"""PostgreSQL: its Cluster, what of it is kept elsewhere, and the second Cluster out of which one database is restored."""

import re

from support.manifests import DATABASES
from support.shapes import amounts, between, counts

PLUGIN = "barman-cloud.cloudnative-pg.io"
# Versions that are mended: the oldest is that of Debian 12.
IMAGE = re.compile(r"([a-z0-9.:-]+/)+postgresql:1[5-8]\.[0-9]+[^:@]*(@sha256:[0-9a-f]{64})?")

# What tunes, with the values that it may have. What decides whether a commit is on disk (fsync, synchronous_commit, full_page_writes,
# wal_level), who comes in or what is run (archive_command, shared_preload_libraries, ssl) is not here, and so not allowed.
MEMORY = ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "wal_buffers", "max_wal_size", "min_wal_size")
PARAMETERS = {
    "max_connections": counts("50", "1000"),
    # Of memory, at most half: database-survives-a-node.
    "shared_buffers": amounts("128MB", "64GB"),
    **{f"{name}?": amounts("1MB", "512GB") for name in MEMORY},
    "checkpoint_completion_target?": re.compile(r"0\.[5-9]"),
    "checkpoint_timeout?": re.compile(r"([5-9]|[1-3][0-9])min"),
    "random_page_cost?": re.compile(r"[1-4](\.[0-9]+)?"),
    "effective_io_concurrency?": counts("1", "1000"),
    "default_statistics_target?": counts("100", "10000"),
    "log_min_duration_statement?": re.compile(r"[0-9]+(ms|s)?"),
}
# The most that is lost with all three nodes: the operator's own five minutes, or less.
PARAMETERS["archive_timeout?"] = re.compile(r"[1-5]min|[1-9][0-9]s|[12][0-9]{2}s|300s?")

# Each role to its own database, by TLS: the operator's own rule, which lets every role into every database, comes after these.
NOBODY = f"host all {','.join(DATABASES)} all reject"
PG_HBA = [*(f"hostssl {name} {name} all scram-sha-256" for name in DATABASES), NOBODY]

FIRST = {"database": "registry", "owner": "registry", "secret": {"name": "orewatch-postgres-registry"}}
MOMENT = {"targetTime?": str, "targetName?": str, "targetLSN?": str, "targetXID?": str, "targetImmediate?": True, "exclusive?": bool}
RECOVERY = {"recovery": FIRST | {"source": "before", "recoveryTarget?": MOMENT}}
# Anew, or from what is archived (docs/operations/kubernetes.md#backup-and-restore).
BOOTSTRAP = ({"initdb": FIRST | {"encoding": "UTF8", "localeCollate": "C", "localeCType": "C"}}, RECOVERY)
ARCHIVE = {"barmanObjectName": "orewatch-postgres", "serverName": re.compile("orewatch-postgres(-[0-9]+)?")}
BEFORE = [{"name": "before", "plugin": {"name": PLUGIN, "parameters": ARCHIVE}}]

RESOURCES = {"requests": {"cpu": amounts("250m", "64"), "memory": amounts("1Gi", "512Gi")}, "limits": {"memory": amounts("1Gi", "512Gi"), "cpu?": amounts("1", "64")}}


def _volume(least: str) -> dict:
    return {"size": amounts(least, "64Ti"), "storageClass?": str}


def _of_every(bootstrap) -> dict:
    return {
        "imageName": IMAGE,
        "enableSuperuserAccess": False,
        "bootstrap": bootstrap,
        "storage": _volume("20Gi"),
        # Apart, or the log would fill the volume of the tables; PostgreSQL stops when it is full.
        "walStorage": _volume("5Gi"),
        "resources": RESOURCES,
    }


CLUSTER = _of_every(BOOTSTRAP) | {
    # An odd number, each on a node of its own; what is acknowledged is on two of them.
    "instances": between(3, 7),
    "affinity": {"enablePodAntiAffinity": True, "podAntiAffinityType": "required", "topologyKey": "kubernetes.io/hostname"},
    "postgresql": {
        "parameters": PARAMETERS,
        "synchronous": {"method": ("any", "first"), "number": between(1, 2), "dataDurability?": "required"},
        "pg_hba": PG_HBA,
    },
    "primaryUpdateStrategy?": "unsupervised",
    # Of least privilege: nothing but to log in.
    "managed": {"roles": [{"name": name, "ensure": "present", "login": True, "passwordSecret": {"name": f"orewatch-postgres-{name}"}} for name in ("risk", "alerting")]},
    "plugins": [{"name": PLUGIN, "isWALArchiver": True, "parameters": ARCHIVE}],
    "externalClusters?": BEFORE,
}
# Read out of, and gone: it archives nothing, and nobody comes in.
RESTORED = _of_every(RECOVERY) | {"instances": 1, "postgresql": {"parameters": PARAMETERS, "pg_hba": [NOBODY]}, "externalClusters": BEFORE}

DATABASE = {
    "cluster": {"name": "orewatch-postgres"},
    "name": "{service}",
    "owner": "{service}",
    # Whoever deletes the object does not delete the facts.
    "databaseReclaimPolicy": "retain",
    "encoding": "UTF8",
}

KEY = {"name": "orewatch-object-store"}
COMPRESSED = {"compression": ("gzip", "zstd", "lz4", "snappy", "bzip2", "xz")}
OBJECT_STORE = {
    "configuration": {
        "destinationPath": re.compile(r"s3://[a-z0-9][a-z0-9.-]{2,62}/.*"),
        # None: Amazon's, by TLS too.
        "endpointURL?": re.compile(r"https://[^/@]+(/.*)?"),
        "s3Credentials": {"accessKeyId": KEY | {"key": "access-key-id"}, "secretAccessKey": KEY | {"key": "secret-access-key"}},
        "wal?": COMPRESSED,
        "data?": COMPRESSED,
    },
    # Two weeks at least, and not for ever.
    "retentionPolicy": re.compile(r"([2-9]|[1-9][0-9])w|(1[4-9]|[2-9][0-9]|[1-9][0-9]{2})d|[1-9][0-9]?m"),
}
# Second, minute, hour of each day: one that there is, or each so many.
SCHEDULE = {
    "cluster": {"name": "orewatch-postgres"},
    "method": "plugin",
    "pluginConfiguration": {"name": PLUGIN},
    "schedule": re.compile(r"[0-5]?[0-9] [0-5]?[0-9] ([01]?[0-9]|2[0-3]|\*/([1-9]|1[0-2])) \* \* \*"),
    # Without a first copy the log is worth nothing.
    "immediate": True,
    "suspend?": False,
    "backupOwnerReference?": ("self", "none", "cluster"),
}
