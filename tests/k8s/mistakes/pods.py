"""Mistakes in what pods are given and how they live, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("allowed")
def all_of_proc(plant):
    plant.container("orewatch-registry")["securityContext"]["procMount"] = "Unmasked"


@mistake("allowed")
def setting_of_the_kernel(plant):
    plant.pod("orewatch-registry")["securityContext"]["sysctls"] = [{"name": "kernel.msgmax", "value": "1"}]


@mistake("allowed")
def group_of_root(plant):
    plant.pod("orewatch-registry")["securityContext"]["supplementalGroups"] = [0]


@mistake("allowed")
def processes_shared(plant):
    plant.pod("orewatch-registry")["shareProcessNamespace"] = True


@mistake("allowed")
def app_armor_off(plant):
    plant.container("orewatch-registry")["securityContext"]["appArmorProfile"] = {"type": "Unconfined"}


@mistake("allowed")
def starts_without_a_certificate(plant):
    next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "tls")["secret"]["optional"] = True


@mistake("allowed")
def starts_without_settings(plant):
    plant.container("orewatch-registry")["envFrom"][0]["configMapRef"]["optional"] = True


@mistake("allowed")
def settings_that_roll_nothing(plant):
    plant.find("ConfigMap", "orewatch-registry-")["metadata"]["name"] = "orewatch-registry"
    plant.container("orewatch-registry")["envFrom"][0]["configMapRef"]["name"] = "orewatch-registry"


@mistake("allowed")
def name_of_the_pod_too_late(plant):
    plant.container("orewatch-registry")["env"].reverse()


@mistake("allowed")
def never_fetched(plant):
    plant.container("orewatch-registry")["imagePullPolicy"] = "Never"


@mistake("images-of-one-version")
def somebody_elses_image(plant):
    plant.container("orewatch-registry")["image"] = "registry.example.org/elsewhere/registry:0.1.0"


@mistake("probes-apart")
def restarted_after_a_second(plant):
    plant.container("orewatch-registry")["livenessProbe"] |= {"failureThreshold": 1, "periodSeconds": 1, "timeoutSeconds": 1}


@mistake("probes-apart")
def never_left_out(plant):
    plant.container("orewatch-registry")["readinessProbe"]["failureThreshold"] = 1000


@mistake("probes-apart")
def starting_for_ever(plant):
    plant.container("orewatch-registry")["startupProbe"]["failureThreshold"] = 100000


@mistake("allowed")
def edge_asked_on_another_path(plant):
    plant.container("orewatch-edge")["readinessProbe"]["httpGet"]["path"] = "/healthz"


@mistake("allowed")
def memory_of_a_toy(plant):
    plant.container("orewatch-risk")["resources"] = {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "8Mi"}}


@mistake("allowed")
def memory_of_all_nodes(plant):
    plant.container("orewatch-risk")["resources"]["limits"]["memory"] = "1Ti"


@mistake("allowed")
def ten_more_on_one_node(plant):
    for constraint in plant.pod("orewatch-risk")["topologySpreadConstraints"]:
        constraint["maxSkew"] = 10


@mistake("settings")
def calls_cut_off(plant):
    plant.replace("orewatch-registry", "--drain_timeout=20s", "--drain_timeout=0s")


@mistake("allowed")
def calls_to_pods_that_are_not_ready(plant):
    plant.find("Service", "orewatch-registry")["spec"]["publishNotReadyAddresses"] = True


@mistake("settings")
def connections_of_a_day(plant):
    plant.settings("registry")["OREWATCH_MAX_CONNECTION_AGE"] = "24h"


@mistake("allowed")
def two_at_a_time(plant):
    plant.find("PodDisruptionBudget", "orewatch-risk")["spec"]["maxUnavailable"] = 2


@mistake("allowed")
def edge_without_its_configuration(plant):
    plant.container("orewatch-edge")["args"].remove("-c")


@mistake("allowed")
def root_user(plant):
    plant.pod("orewatch-risk")["securityContext"]["runAsUser"] = 0


@mistake("allowed", "dev")
def root_container(plant):
    plant.container("orewatch-risk")["securityContext"] |= {"runAsUser": 0, "runAsNonRoot": False}


@mistake("allowed", "prod/migrate")
def no_security_context(plant):
    del plant.pod("orewatch-migrate-risk", "Job")["securityContext"]


@mistake("allowed")
def escalation_allowed(plant):
    del plant.container("orewatch-gateway")["securityContext"]["allowPrivilegeEscalation"]


@mistake("allowed")
def privileged_container(plant):
    plant.container("orewatch-registry")["securityContext"]["privileged"] = True


@mistake("allowed")
def network_of_the_host(plant):
    plant.pod("orewatch-registry")["hostNetwork"] = True


@mistake("allowed")
def capability_added(plant):
    plant.container("orewatch-edge")["securityContext"]["capabilities"]["add"] = ["NET_BIND_SERVICE"]


@mistake("allowed")
def capabilities_kept(plant):
    plant.container("orewatch-edge")["securityContext"]["capabilities"] = {"drop": ["NET_RAW"]}


@mistake("allowed")
def writable_root(plant):
    plant.container("orewatch-alerting")["securityContext"]["readOnlyRootFilesystem"] = False


@mistake("allowed")
def unconfined(plant):
    plant.pod("orewatch-alerting")["securityContext"]["seccompProfile"] = {"type": "Unconfined"}


@mistake("allowed", "dev")
def folder_of_the_host(plant):
    plant.pod("orewatch-registry")["volumes"] = [{"name": "data", "hostPath": {"path": "/var/lib/orewatch"}}]


@mistake("allowed")
def secret_for_everybody(plant):
    next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "tls")["secret"]["defaultMode"] = 0o444


@mistake("allowed")
def volume_of_nothing(plant):
    del next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "access")["configMap"]


@mistake("allowed")
def certificate_by_sub_path(plant):
    mounts = plant.container("orewatch-registry")["volumeMounts"]
    next(one for one in mounts if one["name"] == "tls").update(subPath="tls.crt", mountPath="/etc/orewatch/tls/tls.crt")


@mistake("allowed")
def token_mounted(plant):
    plant.pod("orewatch-gateway")["automountServiceAccountToken"] = True


@mistake("allowed")
def account_of_nobody(plant):
    del plant.pod("orewatch-gateway")["serviceAccountName"]


@mistake("allowed")
def service_links(plant):
    del plant.pod("orewatch-gateway")["enableServiceLinks"]


@mistake("allowed")
def no_limit_of_memory(plant):
    del plant.container("orewatch-risk")["resources"]["limits"]


@mistake("allowed", "prod/migrate")
def no_resources(plant):
    del plant.container("orewatch-migrate-registry", "Job")["resources"]


@mistake("allowed")
def same_probe(plant):
    container = plant.container("orewatch-risk")
    container["livenessProbe"]["httpGet"] = dict(container["readinessProbe"]["httpGet"])


@mistake("probes-apart")
def no_probe_of_the_start(plant):
    del plant.container("orewatch-risk")["startupProbe"]


@mistake("allowed")
def probe_of_the_wrong_port(plant):
    plant.container("orewatch-risk")["readinessProbe"]["httpGet"]["port"] = "grpc"


@mistake("drain-fits")
def grace_too_short(plant):
    plant.pod("orewatch-registry")["terminationGracePeriodSeconds"] = 30


@mistake("drain-fits")
def longer_drain_than_grace(plant):
    plant.container("orewatch-registry")["args"].append("--drain_timeout=2m")


@mistake("allowed")
def no_sleep_before_the_end(plant):
    del plant.container("orewatch-registry")["lifecycle"]


@mistake("allowed")
def edge_ends_without_a_word(plant):
    plant.container("orewatch-edge")["lifecycle"]["preStop"] = {"sleep": {"seconds": 30}}


@mistake("drain-fits")
def edge_is_killed_while_it_drains(plant):
    plant.pod("orewatch-edge")["terminationGracePeriodSeconds"] = 35


@mistake("allowed")
def edge_tells_a_part_of_its_callers(plant):
    plant.container("orewatch-edge")["args"].remove("--drain-strategy")


@mistake("allowed")
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


@mistake("allowed")
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


@mistake("settings")
def admin_pages_for_everybody(plant):
    plant.find("ConfigMap", "orewatch-gateway-")["data"]["OREWATCH_ADMIN_PAGES"] = "all"
