"""Checks of what is kept: the database, its copies, the audit log."""

import re

from support.checks import check
from support.manifests import DATABASES, Manifests, mebibytes

BACKUP_PLUGIN = "barman-cloud.cloudnative-pg.io"
NAMES_A_VERSION = re.compile(r".+(:\d+(\.\d+)+[^:@]*|@sha256:[0-9a-f]{64})")


@check("database-survives-a-node", overlays=("prod",))
def clusters(manifests: Manifests):
    if not manifests.of("Cluster"):
        yield "no Cluster of PostgreSQL"
    for cluster in manifests.of("Cluster"):
        where, spec = f"Cluster/{cluster['metadata']['name']}", cluster["spec"]
        synchronous = spec.get("postgresql", {}).get("synchronous", {})
        if spec["instances"] < 3 or synchronous.get("number", 0) < 1 or synchronous.get("dataDurability", "required") != "required":
            yield f"{where}: what was acknowledged may be on one machine alone, or a node that goes stops all writes"
        affinity = spec.get("affinity", {})
        spread = {"enablePodAntiAffinity": True, "podAntiAffinityType": "required", "topologyKey": "kubernetes.io/hostname"}
        if any(affinity.get(key) != value for key, value in spread.items()):
            yield f"{where}: two instances may be on one node"
        if not NAMES_A_VERSION.fullmatch(spec.get("imageName", "")):
            yield f"{where}: image {spec.get('imageName')} names no version"
        if not spec.get("walStorage"):
            yield f"{where}: its log fills the volume of its tables"
        given = spec.get("resources", {})
        if any(key not in given.get("requests", {}) for key in ("cpu", "memory")) or "memory" not in given.get("limits", {}):
            yield f"{where}: no requests of CPU and memory, or no limit of memory"
        elif mebibytes(given["requests"]["memory"]) < 2 * _megabytes(spec.get("postgresql", {}).get("parameters", {}).get("shared_buffers", "128MB")):
            yield f"{where}: shared_buffers are more than half of its memory"


def _megabytes(setting: str) -> int:
    number, unit = re.fullmatch(r"([0-9]+)(MB|GB)", setting).groups()
    return int(number) * (1024 if unit == "GB" else 1)


@check("database-of-least-privilege", overlays=("prod",))
def roles(manifests: Manifests):
    for cluster in manifests.of("Cluster"):
        where, spec = f"Cluster/{cluster['metadata']['name']}", cluster["spec"]
        if spec.get("enableSuperuserAccess") is not False:
            yield f"{where}: its superuser may log in"
        for role in spec.get("managed", {}).get("roles", []):
            more = set(role) - {"name", "ensure", "login", "passwordSecret"}
            if more or role.get("ensure") != "present" or role.get("login") is not True:
                yield f"{where}: role {role['name']} must be there to log in, and nothing more"
        first = manifests.first_database(cluster)
        made = {first.get("owner"), *(role["name"] for role in spec.get("managed", {}).get("roles", []))}
        if made != set(DATABASES):
            yield f"{where}: makes roles of {sorted(map(str, made))}"
        encoding = {key: first.get(key) for key in ("encoding", "localeCollate", "localeCType")}
        if encoding != {"encoding": "UTF8", "localeCollate": "C", "localeCType": "C"}:
            yield f"{where}: text is kept and ordered as {encoding}"


@check("each-role-to-its-own-database", overlays=("prod",))
def access_of_roles(manifests: Manifests):
    """The operator's own rule, which lets every role into every database, comes after these."""
    wanted = [*(f"hostssl {name} {name} all scram-sha-256" for name in DATABASES), f"host all {','.join(DATABASES)} all reject"]
    for cluster in manifests.of("Cluster"):
        if cluster["spec"].get("postgresql", {}).get("pg_hba") != wanted:
            yield f"Cluster/{cluster['metadata']['name']}: a role may connect to the database of another, or without TLS"


@check("databases-are-kept", overlays=("prod",))
def databases(manifests: Manifests):
    begun_with = [manifests.first_database(cluster) for cluster in manifests.of("Cluster")]
    found = {first.get("database"): first.get("owner") for first in begun_with}
    for database in manifests.of("Database"):
        spec = database["spec"]
        found[spec["name"]] = spec["owner"]
        if spec.get("databaseReclaimPolicy") != "retain" or spec.get("ensure", "present") != "present":
            yield f"Database/{database['metadata']['name']}: who deletes the object deletes the facts"
        if spec.get("encoding") != "UTF8":
            yield f"Database/{database['metadata']['name']}: text is kept as {spec.get('encoding')}"
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
        settings = dict(part.split("=", 1) for part in manifests.flags(workload).get("database", "").split() if "=" in part)
        wanted = {"host": "orewatch-postgres-rw", "dbname": name, "sslmode": "verify-full"}
        if wrong := [f"{key}={settings.get(key)}" for key, value in wanted.items() if settings.get(key) != value]:
            yield f"{workload}: connects to its database with {', '.join(wrong)}"
        if not settings.get("sslrootcert", "").startswith("/etc/"):
            yield f"{workload}: believes whatever authority the image knows"
        if "data_dir" in manifests.flags(workload):
            yield f"{workload}: has a database of its own beside PostgreSQL"


@check("database-is-copied", overlays=("prod",))
def backups(manifests: Manifests):
    stores = {store["metadata"]["name"]: store["spec"] for store in manifests.of("ObjectStore")}
    for cluster in manifests.of("Cluster"):
        where = f"Cluster/{cluster['metadata']['name']}"
        archivers = [plugin for plugin in cluster["spec"].get("plugins", []) if plugin["name"] == BACKUP_PLUGIN and plugin.get("isWALArchiver")]
        parameters = archivers[0].get("parameters", {}) if archivers else {}
        if parameters.get("barmanObjectName") not in stores or not parameters.get("serverName"):
            yield f"{where}: its log is archived nowhere"
        schedules = [one["spec"] for one in manifests.of("ScheduledBackup") if one["spec"]["cluster"]["name"] == cluster["metadata"]["name"]]
        if not any(
            one.get("method") == "plugin"
            and one.get("pluginConfiguration", {}).get("name") == BACKUP_PLUGIN
            and re.fullmatch(r"\d+ \d+ [\d,*/]+ \* \* \*", one["schedule"])
            and one.get("immediate") is True
            and not one.get("suspend")
            for one in schedules
        ):
            yield f"{where}: is not copied at once and each day"
    for name, spec in stores.items():
        keys = [spec["configuration"].get("s3Credentials", {}).get(key, {}).get("name") for key in ("accessKeyId", "secretAccessKey")]
        if keys != ["orewatch-object-store"] * 2:
            yield f"ObjectStore/{name}: nobody makes its keys"
        if not spec["configuration"].get("endpointURL", "https://").startswith("https://"):
            yield f"ObjectStore/{name}: copies travel in the clear"
        if not re.fullmatch(r"([2-9]|\d{2,})w|(1[4-9]|[2-9]\d|\d{3,})d|\d+m", spec.get("retentionPolicy", "")):
            yield f"ObjectStore/{name}: keeps less than two weeks, or everything for ever"


@check("audited", overlays=("prod",))
def audit(manifests: Manifests):
    for workload in manifests.services:
        log = manifests.flags(workload).get("audit_log", "")
        if "$(POD_NAME)" not in log:
            yield f"{workload}: {'its pods share the audit log ' + log if log else 'no audit log'}"
        mount = next((one for one in workload.container.get("volumeMounts", []) if log.startswith(one["mountPath"] + "/")), {})
        volume = next((one for one in workload.pod.get("volumes", []) if one["name"] == mount.get("name")), {})
        claim = manifests.find("PersistentVolumeClaim", volume.get("persistentVolumeClaim", {}).get("claimName", ""))
        if claim is None or not manifests.is_shared(claim) or not claim["spec"].get("resources", {}).get("requests", {}).get("storage"):
            yield f"{workload}: its audit log is not on a volume that all pods keep theirs on"
        if manifests.flags(workload).get("audit_fail_open", "false") != "false":
            yield f"{workload}: goes on without an audit log"
