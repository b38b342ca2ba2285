"""Mistakes by which something is lost, planted for test_mistakes.py."""

from support.plant import mistake


def cluster(plant) -> dict:
    return plant.find("Cluster", "orewatch-postgres")["spec"]


@mistake("allowed")
def one_instance(plant):
    cluster(plant)["instances"] = 1


@mistake("allowed")
def acknowledged_on_one_machine(plant):
    del cluster(plant)["postgresql"]["synchronous"]


@mistake("allowed")
def acknowledged_on_one_machine_when_in_need(plant):
    cluster(plant)["postgresql"]["synchronous"]["dataDurability"] = "preferred"


@mistake("allowed")
def instances_on_one_node(plant):
    cluster(plant)["affinity"]["podAntiAffinityType"] = "preferred"


@mistake("allowed")
def instances_of_one_zone_alone_apart(plant):
    cluster(plant)["affinity"]["topologyKey"] = "topology.kubernetes.io/region"


@mistake("allowed")
def newest_postgresql(plant):
    cluster(plant)["imageName"] = "ghcr.io/cloudnative-pg/postgresql:latest"


@mistake("database-survives-a-node")
def postgresql_without_resources(plant):
    del cluster(plant)["resources"]


@mistake("allowed")
def log_beside_the_tables(plant):
    del cluster(plant)["walStorage"]


@mistake("database-survives-a-node")
def buffers_beyond_memory(plant):
    cluster(plant)["postgresql"]["parameters"]["shared_buffers"] = "8GB"


@mistake("allowed")
def superuser_may_log_in(plant):
    cluster(plant)["enableSuperuserAccess"] = True


@mistake("allowed")
def role_of_a_superuser(plant):
    cluster(plant)["managed"]["roles"][0]["superuser"] = True


@mistake("allowed")
def order_of_a_language(plant):
    cluster(plant)["bootstrap"]["initdb"]["localeCollate"] = "de_DE.UTF-8"


@mistake("allowed")
def databases_for_every_role(plant):
    del cluster(plant)["postgresql"]["pg_hba"]


@mistake("allowed")
def role_without_tls(plant):
    cluster(plant)["postgresql"]["pg_hba"].insert(0, "host risk risk all scram-sha-256")


@mistake("allowed")
def database_that_goes_with_its_object(plant):
    plant.find("Database", "orewatch-risk")["spec"]["databaseReclaimPolicy"] = "delete"


@mistake("databases-are-kept")
def database_of_another_owner(plant):
    plant.find("Database", "orewatch-risk")["spec"]["owner"] = "alerting"


@mistake("databases-are-kept")
def database_not_made(plant):
    plant.remove("Database", "orewatch-risk")


def connection(plant, old: str, new: str) -> None:
    settings = plant.settings("registry")
    assert old in settings["OREWATCH_DATABASE"]
    settings["OREWATCH_DATABASE"] = settings["OREWATCH_DATABASE"].replace(old, new)


@mistake("settings")
def database_in_the_clear(plant):
    connection(plant, "sslmode=verify-full", "sslmode=disable")


@mistake("settings")
def database_of_whatever_name(plant):
    connection(plant, "sslmode=verify-full", "sslmode=verify-ca")


@mistake("settings")
def database_that_is_read_only(plant):
    connection(plant, "orewatch-postgres-rw", "orewatch-postgres-ro")


@mistake("settings")
def database_of_another_service(plant):
    connection(plant, "dbname=registry", "dbname=risk")


@mistake("services-use-the-database")
def facts_in_the_pod(plant):
    del plant.settings("registry")["OREWATCH_DATABASE"]


@mistake("settings", "prod/migrate")
def migration_of_whatever_server(plant):
    container = plant.container("orewatch-migrate-risk", "Job")
    container["args"] = [argument.replace("verify-full", "require") for argument in container["args"]]


@mistake("database-is-copied")
def log_archived_nowhere(plant):
    del cluster(plant)["plugins"]


@mistake("database-is-copied")
def plugin_that_does_not_archive(plant):
    cluster(plant)["plugins"][0]["isWALArchiver"] = False


@mistake("database-is-copied")
def never_copied(plant):
    plant.remove("ScheduledBackup", "orewatch-postgres")


@mistake("allowed")
def copied_once_a_year(plant):
    plant.find("ScheduledBackup", "orewatch-postgres")["spec"]["schedule"] = "0 0 2 1 1 *"


@mistake("allowed")
def copies_suspended(plant):
    plant.find("ScheduledBackup", "orewatch-postgres")["spec"]["suspend"] = True


@mistake("allowed")
def copies_of_a_day(plant):
    plant.find("ObjectStore", "orewatch-postgres")["spec"]["retentionPolicy"] = "1d"


@mistake("allowed")
def copies_in_the_clear(plant):
    plant.find("ObjectStore", "orewatch-postgres")["spec"]["configuration"]["endpointURL"] = "http://object-store.example"


@mistake("audited")
def no_audit_log(plant):
    environment = plant.container("orewatch-registry")["env"]
    environment[:] = [variable for variable in environment if variable["name"] != "OREWATCH_AUDIT_LOG"]


@mistake("audited")
def audit_log_that_goes_with_the_pod(plant):
    (volume,) = [one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "audit"]
    del volume["persistentVolumeClaim"]
    volume["emptyDir"] = {"sizeLimit": "1Gi"}


@mistake("settings")
def audit_log_that_may_be_missing(plant):
    plant.settings("registry")["OREWATCH_AUDIT_FAIL_OPEN"] = "true"


@mistake("rollout-without-a-gap")
def audit_log_of_one_node(plant):
    plant.find("PersistentVolumeClaim", "orewatch-audit")["spec"]["accessModes"] = ["ReadWriteOnce"]
