"""Mistakes that people make, planted one at a time: each is found by the check that is there for it."""

import copy
import re

import pytest

import mistakes.access
import mistakes.durability
import mistakes.monitoring
import mistakes.pods  # noqa: F401: they bring mistakes
from support import access, durability, monitoring, network, pods, rollout, wiring  # noqa: F401: they bring the checks
from support.checks import CHECKS, failures
from support.manifests import Manifests
from support.plant import MISTAKES, Plant, mistake, rendered
from support.rendering import OVERLAYS
from support.schemas import KUBERNETES, problems


@mistake("runs-as-nobody-special")
def root_user(plant):
    plant.pod("orewatch-risk")["securityContext"]["runAsUser"] = 0


@mistake("runs-as-nobody-special", "dev")
def root_container(plant):
    plant.container("orewatch-risk")["securityContext"] |= {"runAsUser": 0, "runAsNonRoot": False}


@mistake("runs-as-nobody-special", "prod/migrate")
def no_security_context(plant):
    del plant.pod("orewatch-migrate-risk", "Job")["securityContext"]


@mistake("no-escalation")
def escalation_allowed(plant):
    del plant.container("orewatch-gateway")["securityContext"]["allowPrivilegeEscalation"]


@mistake("not-privileged")
def privileged_container(plant):
    plant.container("orewatch-registry")["securityContext"]["privileged"] = True


@mistake("not-privileged")
def network_of_the_host(plant):
    plant.pod("orewatch-registry")["hostNetwork"] = True


@mistake("no-capabilities")
def capability_added(plant):
    plant.container("orewatch-edge")["securityContext"]["capabilities"]["add"] = ["NET_BIND_SERVICE"]


@mistake("no-capabilities")
def capabilities_kept(plant):
    plant.container("orewatch-edge")["securityContext"]["capabilities"] = {"drop": ["NET_RAW"]}


@mistake("read-only-root")
def writable_root(plant):
    plant.container("orewatch-alerting")["securityContext"]["readOnlyRootFilesystem"] = False


@mistake("seccomp")
def unconfined(plant):
    plant.pod("orewatch-alerting")["securityContext"]["seccompProfile"] = {"type": "Unconfined"}


@mistake("volumes", "dev")
def folder_of_the_host(plant):
    plant.pod("orewatch-registry")["volumes"] = [{"name": "data", "hostPath": {"path": "/var/lib/orewatch"}}]


@mistake("volumes")
def secret_for_everybody(plant):
    next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "tls")["secret"]["defaultMode"] = 0o444


@mistake("volumes")
def volume_of_nothing(plant):
    del next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "access")["configMap"]


@mistake("files-are-mounted")
def key_of_the_authority_mounted(plant):
    del next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "postgres-ca")["secret"]["items"]


@mistake("files-are-mounted")
def password_not_found(plant):
    plant.container("orewatch-registry")["env"].clear()


@mistake("certificates")
def key_that_stays(plant):
    plant.find("Certificate", "orewatch-registry")["spec"]["privateKey"]["rotationPolicy"] = "Never"


@mistake("what-is-renewed-appears")
def certificate_by_sub_path(plant):
    mounts = plant.container("orewatch-registry")["volumeMounts"]
    next(one for one in mounts if one["name"] == "tls").update(subPath="tls.crt", mountPath="/etc/orewatch/tls/tls.crt")


@mistake("no-token")
def token_mounted(plant):
    plant.pod("orewatch-gateway")["automountServiceAccountToken"] = True


@mistake("no-token")
def account_of_nobody(plant):
    del plant.pod("orewatch-gateway")["serviceAccountName"]


@mistake("variables-of-services-are-no-flags")
def service_links(plant):
    del plant.pod("orewatch-gateway")["enableServiceLinks"]


@mistake("resources")
def no_limit_of_memory(plant):
    del plant.container("orewatch-risk")["resources"]["limits"]


@mistake("resources", "prod/migrate")
def no_resources(plant):
    del plant.container("orewatch-migrate-registry", "Job")["resources"]


@mistake("probes-apart")
def same_probe(plant):
    container = plant.container("orewatch-risk")
    container["livenessProbe"]["httpGet"] = dict(container["readinessProbe"]["httpGet"])


@mistake("probes-apart")
def no_probe_of_the_start(plant):
    del plant.container("orewatch-risk")["startupProbe"]


@mistake("probes-apart")
def probe_of_the_wrong_port(plant):
    plant.container("orewatch-risk")["readinessProbe"]["httpGet"]["port"] = "grpc"


@mistake("drain-fits")
def grace_too_short(plant):
    plant.pod("orewatch-registry")["terminationGracePeriodSeconds"] = 30


@mistake("drain-fits")
def longer_drain_than_grace(plant):
    plant.container("orewatch-registry")["args"].append("--drain_timeout=2m")


@mistake("drain-fits")
def no_sleep_before_the_end(plant):
    del plant.container("orewatch-registry")["lifecycle"]


@mistake("drain-fits")
def edge_ends_without_a_word(plant):
    plant.container("orewatch-edge")["lifecycle"]["preStop"] = {"sleep": {"seconds": 30}}


@mistake("drain-fits")
def edge_is_killed_while_it_drains(plant):
    plant.pod("orewatch-edge")["terminationGracePeriodSeconds"] = 35


@mistake("drain-fits")
def edge_tells_a_part_of_its_callers(plant):
    plant.container("orewatch-edge")["args"].remove("--drain-strategy")


@mistake("rollout-finds-callers")
def rollout_faster_than_names(plant):
    plant.find("Deployment", "orewatch-risk")["spec"]["minReadySeconds"] = 35


@mistake("rollout-finds-callers")
def rollout_without_a_pause(plant):
    del plant.find("Deployment", "orewatch-edge")["spec"]["minReadySeconds"]


@mistake("rollout-finds-callers")
def rollout_of_a_quarter_at_once(plant):
    plant.find("Deployment", "orewatch-gateway")["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = "25%"


@mistake("rollout-finds-callers")
def rollout_given_up_too_early(plant):
    plant.find("Deployment", "orewatch-gateway")["spec"]["progressDeadlineSeconds"] = 60


@mistake("autoscalers")
def scaler_blind_to_streams(plant):
    metrics = plant.find("HorizontalPodAutoscaler", "orewatch-gateway")["spec"]["metrics"]
    metrics[:] = [one for one in metrics if one["pods"]["metric"]["name"] != "orewatch_grpc_streams"]


@mistake("secrets-are-files")
def secret_in_a_variable(plant):
    reference = {"secretKeyRef": {"name": "orewatch-postgres-registry", "key": "password"}}
    plant.container("orewatch-registry")["env"].append({"name": "PGPASSWORD", "valueFrom": reference})


@mistake("secrets-are-files")
def password_in_the_settings(plant):
    plant.find("ConfigMap", "orewatch-registry-")["data"]["OREWATCH_DATABASE"] += " password=hunter2"


@mistake("images-of-one-version")
def latest(plant):
    plant.container("orewatch-risk")["image"] = "orewatch/risk:latest"


@mistake("images-of-one-version")
def image_of_another_service(plant):
    plant.container("orewatch-risk")["image"] = plant.container("orewatch-registry")["image"]


@mistake("restricted-namespace")
def namespace_open(plant):
    plant.find("Namespace", "orewatch")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"


@mistake("rollout-without-a-gap")
def rollout_with_a_gap(plant):
    plant.find("Deployment", "orewatch-gateway")["spec"]["strategy"]["rollingUpdate"] = {"maxUnavailable": 1, "maxSurge": 0}


@mistake("rollout-without-a-gap", "dev")
def two_pods_on_one_volume(plant):
    plant.find("Deployment", "orewatch-registry")["spec"]["replicas"] = 2


@mistake("admin-port-for-probes")
def admin_port_on_the_loopback(plant):
    container = plant.container("orewatch-gateway")
    container["args"] = [argument.replace("--admin_address=0.0.0.0", "--admin_address=127.0.0.1") for argument in container["args"]]


@mistake("admin-port-for-probes")
def admin_pages_for_everybody(plant):
    plant.find("ConfigMap", "orewatch-gateway-")["data"]["OREWATCH_ADMIN_PAGES"] = "all"


@mistake("labels")
def no_version(plant):
    del plant.find("Deployment", "orewatch-gateway")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"]


@mistake("one-namespace")
def forgotten_namespace(plant):
    del plant.find("Deployment", "orewatch-edge")["metadata"]["namespace"]


@mistake("selectors-select")
def service_of_nothing(plant):
    plant.find("Service", "orewatch-risk")["spec"]["selector"] = {"app.kubernetes.io/name": "orewatch-risks"}


@mistake("selectors-select")
def version_in_a_selector(plant):
    plant.find("Deployment", "orewatch-risk")["spec"]["selector"]["matchLabels"]["app.kubernetes.io/version"] = "0.1.0"


@mistake("network-policies-select")
def policy_of_nothing(plant):
    plant.policy("gateway")["podSelector"]["matchLabels"]["app.kubernetes.io/component"] = "gatway"


@mistake("everything-is-scraped")
def edge_that_nobody_scrapes(plant):
    plant.remove("PodMonitor", "orewatch-edge")


@mistake("everything-is-scraped")
def job_by_another_name(plant):
    plant.find("PodMonitor", "orewatch")["spec"]["jobLabel"] = "app.kubernetes.io/component"


@mistake("disruption-budgets")
def no_disruption_budget(plant):
    plant.remove("PodDisruptionBudget", "orewatch-edge")


@mistake("disruption-budgets")
def nodes_that_cannot_be_emptied(plant):
    spec = plant.find("PodDisruptionBudget", "orewatch-alerting")["spec"]
    del spec["maxUnavailable"]
    spec["minAvailable"] = "100%"


@mistake("spread")
def all_on_one_node(plant):
    del plant.pod("orewatch-gateway")["topologySpreadConstraints"]


@mistake("ports")
def typo_in_a_port(plant):
    plant.container("orewatch-risk")["ports"][0]["containerPort"] = 7201


@mistake("ports")
def typo_in_an_address(plant):
    container = plant.container("orewatch-risk")
    container["args"] = [argument.replace(":7102", ":7120") for argument in container["args"]]


@mistake("ports-of-services")
def service_with_another_port(plant):
    plant.find("Service", "orewatch-risk")["spec"]["ports"][0]["port"] = 80


@mistake("calls-are-shared-by-all-replicas")
def calls_to_one_address(plant):
    plant.find("ConfigMap", "orewatch-gateway-")["data"]["OREWATCH_RISK_ADDRESS"] = "orewatch-risk:7102"


@mistake("calls-are-shared-by-all-replicas")
def service_with_an_address(plant):
    del plant.find("Service", "orewatch-risk")["spec"]["clusterIP"]


@mistake("references")
def typo_in_a_secret(plant):
    next(one for one in plant.pod("orewatch-risk")["volumes"] if one["name"] == "tls")["secret"]["secretName"] = "orewatch-risk-tsl"


@mistake("references", "dev")
def no_claim(plant):
    plant.remove("PersistentVolumeClaim", "orewatch-registry")


@mistake("files-are-mounted")
def typo_in_a_path(plant):
    plant.find("ConfigMap", "orewatch-risk-")["data"]["OREWATCH_TLS_KEY"] = "/etc/orewatch/tsl/tls.key"


@mistake("files-are-mounted")
def file_that_is_left_out(plant):
    plant.find("ConfigMap", "orewatch-risk-")["data"]["OREWATCH_ACCESS_FILE"] = "/etc/orewatch/access/access.txt"


@mistake("replicas")
def one_replica(plant):
    plant.find("Deployment", "orewatch-alerting")["spec"]["replicas"] = 1


@mistake("autoscalers")
def down_to_one(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["minReplicas"] = 1


@mistake("autoscalers")
def scaler_of_nothing(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["scaleTargetRef"]["name"] = "orewatch-score"


@mistake("autoscalers")
def replicas_set_back(plant):
    plant.find("Deployment", "orewatch-risk")["spec"]["replicas"] = 2


@mistake("connections-fit")
def more_replicas_than_connections(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-registry")["spec"]["maxReplicas"] = 40


@mistake("protected")
def without_client_certificates(plant):
    plant.find("ConfigMap", "orewatch-registry-")["data"]["OREWATCH_TLS_CLIENT_AUTH"] = "none"


@mistake("protected")
def unprotected(plant):
    plant.container("orewatch-registry")["args"].append("--allow_unprotected")


@mistake("certificates")
def certificate_of_another_name(plant):
    plant.find("Certificate", "orewatch-registry")["spec"]["dnsNames"] = ["registry"]


@mistake("network")
def open_egress(plant):
    plant.policy("alerting")["egress"].append({})


@mistake("network")
def egress_to_the_internet(plant):
    plant.policy("alerting")["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"protocol": "TCP", "port": 443}]})


@mistake("network")
def ingress_from_every_namespace(plant):
    plant.policy("registry")["ingress"][0]["from"].append({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/component": "gateway"}}})


@mistake("network")
def wrong_label_of_a_peer(plant):
    plant.policy("risk")["ingress"][0]["from"][1]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] = "gate-way"


@mistake("network")
def admin_port_for_the_neighbours(plant):
    plant.policy("registry")["ingress"][0]["ports"].append({"protocol": "TCP", "port": 9101})


@mistake("network")
def no_default(plant):
    plant.remove("NetworkPolicy", "default-deny")


@mistake("network")
def default_of_one_way(plant):
    plant.policy("default-deny")["policyTypes"] = ["Ingress"]


@mistake("network")
def no_names(plant):
    plant.remove("NetworkPolicy", "dns")


@mistake("jobs-of-this-version", "prod/migrate")
def job_of_no_version(plant):
    plant.find("Job", "orewatch-migrate-risk")["metadata"]["name"] = "orewatch-migrate-risk"


@mistake("jobs-of-this-version", "prod/migrate")
def database_forgotten(plant):
    plant.remove("Job", "orewatch-migrate-alerting")


def _set(path: str, value):
    """A change of one field of a manifest."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]

    def change(document: dict) -> None:
        for part in parents:
            document = document[part]
        document[last] = value

    return change


SCHEMA_MISTAKES = {
    "a field that there is not": ("Deployment", "orewatch-risk", _set("spec.template.spec.containers.0.livenesProbe", {})),
    "a number for a text": ("ConfigMap", "orewatch-risk", _set("data.OREWATCH_DATABASE_CONNECTIONS", 8)),
    "a text for a number": ("Service", "orewatch-risk", _set("spec.ports.0.port", "7102")),
    "a certificate for a name in the wrong field": ("Certificate", "orewatch-risk", _set("spec.dnsName", ["orewatch-risk"])),
    "a key of a size in words": ("Certificate", "orewatch-risk", _set("spec.privateKey.size", "big")),
    "an issuer of nothing": ("Issuer", "orewatch", _set("spec.selfsigned", {})),
    "a scrape with a typo": ("PodMonitor", "orewatch", _set("spec.podMetricsEndpoints.0.intervall", "15s")),
    "an alert without an expression": ("PrometheusRule", "orewatch", lambda rule: rule["spec"]["groups"][0]["rules"][0].pop("expr")),
    "a database of no cluster": ("Database", "orewatch-risk", lambda database: database["spec"].pop("cluster")),
    "a method of replication that there is not": ("Cluster", "orewatch-postgres", _set("spec.postgresql.synchronous.method", "all")),
}


@pytest.mark.parametrize("name", SCHEMA_MISTAKES)
def test_a_schema_catches(name):
    kind, called, change = SCHEMA_MISTAKES[name]
    document = Plant("prod").find(kind, called)
    assert problems(document, KUBERNETES[0]) == []
    change(document)
    assert problems(document, KUBERNETES[0]) != []


# What has a default that is as good, or is there for people.
HARMLESS = re.compile(
    r"metadata\.(labels\.app\.kubernetes\.io/(component|managed-by|name|version)|annotations.*)"
    r"|spec\.(revisionHistoryLimit|strategy\.type|scaleTargetRef\.apiVersion|behavior\.(scaleDown\.policies|scaleUp).*|issuerRef\.(group|kind))"
    r"|spec\.(dnsNames\.[12]|privateKey\.size|(.*\.)?ports\.[0-9]\.protocol)"
    r"|spec\.template\.spec\.(securityContext\.fsGroupChangePolicy|containers\.0\.securityContext\.privileged)"
    r"|spec\.(primaryUpdateStrategy|postgresql\.parameters\.shared_buffers|podMetricsEndpoints\.0\.(path|scrapeTimeout|relabelings\.0\.action)|.*matchExpressions\.1)"
    r"|spec\.template\.spec\.(volumes\.3\.emptyDir\.medium|containers\.0\.args\.[56])"
    r"|spec\.(backoffLimit|backupOwnerReference|configuration\.(wal|data|endpointURL).*)"
    r"|spec\.template\.metadata\.annotations.*|spec\.template\.spec\.containers\.0\.[a-z]+Probe\.(failureThreshold|periodSeconds|timeoutSeconds)"
)


# Without these it is no such object at all.
WHOLE = re.compile(r"apiVersion|kind|metadata(\.name)?|spec(\.template(\.spec(\.containers(\.0)?)?)?)?")


def _fields(node, above: tuple = ()):
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield (*above, key)
        yield from _fields(value, (*above, key))


def _unnoticed(kind: str, name: str, checks: set, overlay: str = "prod") -> list:
    """Fields without which neither a schema nor a check finds anything wrong."""
    plant = Plant(overlay)
    document = plant.find(kind, name)
    place = plant.documents.index(document)
    found = []
    for path in [path for path in _fields(document) if not WHOLE.fullmatch(".".join(map(str, path)))]:
        without = copy.deepcopy(document)
        parent = without
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
        # What the API server turns down no check has to make sense of.
        if not problems(without, KUBERNETES[0]) and not failures(overlay, Manifests([*plant.documents[:place], without, *plant.documents[place + 1 :]]), checks):
            found.append(".".join(map(str, path)))
    return found


OF_RISK = ("Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Certificate", "Database")
OF_ALL = ("PodMonitor", "Issuer", "Cluster", "ObjectStore", "ScheduledBackup", "PersistentVolumeClaim")
OBJECTS = [(kind, "orewatch-risk", "prod") for kind in OF_RISK] + [(kind, "orewatch", "prod") for kind in OF_ALL]
OBJECTS += [("Deployment", "orewatch-edge", "prod"), ("Job", "orewatch-migrate-risk", "prod/migrate")]


@pytest.mark.parametrize(("kind", "name", "overlay"), OBJECTS)
def test_a_field_that_is_taken_away_is_missed(kind, name, overlay):
    assert [path for path in _unnoticed(kind, name, set(CHECKS) - {"network"}, overlay) if not HARMLESS.fullmatch(path)] == []


def test_a_field_of_a_policy_that_is_taken_away_is_missed():
    # One of each shape.
    names = ("alerting", "default-deny", "dns", "postgres")
    missed = {f"{name}: {path}" for name in names for path in _unnoticed("NetworkPolicy", name, {"labels", "network", "one-namespace"})}
    # TCP is the default; a policy that only lets in is one of ingress; peers of our own need not be said to be ours.
    harmless = re.compile(r".*: (spec\.(policyTypes|.*\.protocol|.*part-of)|metadata\.labels\..*)")
    assert [path for path in sorted(missed) if not harmless.fullmatch(path)] == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_as_it_is_nothing_is_wrong(overlay):
    assert failures(overlay, Manifests(rendered(overlay))) == {}


@pytest.mark.parametrize("name", MISTAKES)
def test_is_caught(name):
    check, overlay, make = MISTAKES[name]
    plant = Plant(overlay)
    make(plant)
    found = failures(overlay, Manifests(plant.documents))
    assert check in found, f"{check} did not find it; found: {found}"


def test_every_check_catches_something():
    assert set(CHECKS) == {check for check, _, _ in MISTAKES.values()}
