"""Checks of what is kept: the database, its copies, the audit log."""

import re

from support.checks import check
from support.manifests import DATABASES, Manifests, mebibytes



@check("database-survives-a-node", overlays=("prod",))
def clusters(manifests: Manifests):
    if not manifests.of("Cluster"):
        yield "no Cluster of PostgreSQL"
    for cluster in manifests.of("Cluster"):
        given, parameters = cluster["spec"].get("resources", {}), cluster["spec"].get("postgresql", {}).get("parameters", {})
        asked, most = (given.get(key, {}).get("memory", "0Mi") for key in ("requests", "limits"))
        if mebibytes(asked) < 2 * _megabytes(parameters.get("shared_buffers", "128MB")) or mebibytes(most) < mebibytes(asked):
            yield f"Cluster/{cluster['metadata']['name']}: shared_buffers are more than half of its memory, or its limit is below its request"


def _megabytes(setting: str) -> int:
    number, unit = re.fullmatch(r"([0-9]+)(MB|GB)", setting).groups()
    return int(number) * (1024 if unit == "GB" else 1)


@check("databases-are-kept", overlays=("prod",))
def databases(manifests: Manifests):
    begun_with = [manifests.first_database(cluster) for cluster in manifests.of("Cluster")]
    found = {first.get("database"): first.get("owner") for first in begun_with}
    for database in manifests.of("Database"):
        found[database["spec"]["name"]] = database["spec"]["owner"]
    if found != {name: name for name in DATABASES}:
        yield f"databases and their owners: {found}"


@check("services-use-the-database")
def connections(manifests: Manifests):
    if not manifests.of("Cluster") and not manifests.of("Job"):
        return
    for workload in manifests.workloads:
        name = workload.name.removeprefix("orewatch-").removeprefix("migrate-").split("-v")[0]
        if name not in DATABASES:
            continue
        if not manifests.flags(workload).get("database"):
            yield f"{workload}: has no database"
        if "data_dir" in manifests.flags(workload):
            yield f"{workload}: has a database of its own beside PostgreSQL"


@check("database-is-copied", overlays=("prod",))
def backups(manifests: Manifests):
    copied = {one["spec"]["cluster"]["name"] for one in manifests.of("ScheduledBackup")}
    for cluster in manifests.of("Cluster"):
        name, plugins = cluster["metadata"]["name"], cluster["spec"].get("plugins", [])
        archives = [plugin.get("parameters", {}) for plugin in plugins if plugin.get("isWALArchiver")]
        if not archives or archives[0].get("barmanObjectName") not in manifests.names("ObjectStore"):
            yield f"Cluster/{name}: its log is archived nowhere"
        # Two histories under one name would be none.
        elif any(one.get("plugin", {}).get("parameters") == archives[0] for one in cluster["spec"].get("externalClusters", [])):
            yield f"Cluster/{name}: its log is archived over that which it was restored from"
        if name not in copied:
            yield f"Cluster/{name}: is not copied each day"


@check("audited", overlays=("prod",))
def audit(manifests: Manifests):
    for workload in manifests.services:
        log = manifests.flags(workload).get("audit_log", "")
        if "$(POD_NAME)" not in log:
            yield f"{workload}: {'its pods share the audit log ' + log if log else 'no audit log'}"
        mount = next((one for one in workload.container.get("volumeMounts", []) if log.startswith(one["mountPath"] + "/")), {})
        volume = next((one for one in workload.pod.get("volumes", []) if one["name"] == mount.get("name")), {})
        claim = manifests.find("PersistentVolumeClaim", volume.get("persistentVolumeClaim", {}).get("claimName", ""))
        if claim is None or not manifests.is_shared(claim):
            yield f"{workload}: its audit log is not on a volume that all pods keep theirs on"
