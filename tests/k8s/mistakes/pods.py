"""Mistakes in what pods are given and how they live, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("not-privileged")
def all_of_proc(plant):
    plant.container("orewatch-registry")["securityContext"]["procMount"] = "Unmasked"


@mistake("not-privileged")
def setting_of_the_kernel(plant):
    plant.pod("orewatch-registry")["securityContext"]["sysctls"] = [{"name": "kernel.msgmax", "value": "1"}]


@mistake("not-privileged")
def group_of_root(plant):
    plant.pod("orewatch-registry")["securityContext"]["supplementalGroups"] = [0]


@mistake("not-privileged")
def processes_shared(plant):
    plant.pod("orewatch-registry")["shareProcessNamespace"] = True


@mistake("seccomp")
def app_armor_off(plant):
    plant.container("orewatch-registry")["securityContext"]["appArmorProfile"] = {"type": "Unconfined"}


@mistake("nothing-is-optional")
def starts_without_a_certificate(plant):
    next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "tls")["secret"]["optional"] = True


@mistake("nothing-is-optional")
def starts_without_settings(plant):
    plant.container("orewatch-registry")["envFrom"][0]["configMapRef"]["optional"] = True


@mistake("settings-have-a-hash")
def settings_that_roll_nothing(plant):
    plant.find("ConfigMap", "orewatch-registry-")["metadata"]["name"] = "orewatch-registry"
    plant.container("orewatch-registry")["envFrom"][0]["configMapRef"]["name"] = "orewatch-registry"


@mistake("variables-are-known-when-used")
def name_of_the_pod_too_late(plant):
    plant.container("orewatch-registry")["env"].reverse()


@mistake("images-of-one-version")
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


@mistake("probes-apart")
def edge_asked_on_another_path(plant):
    plant.container("orewatch-edge")["readinessProbe"]["httpGet"]["path"] = "/healthz"


@mistake("resources")
def memory_of_a_toy(plant):
    plant.container("orewatch-risk")["resources"] = {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "8Mi"}}


@mistake("resources")
def memory_of_all_nodes(plant):
    plant.container("orewatch-risk")["resources"]["limits"]["memory"] = "1Ti"


@mistake("spread")
def ten_more_on_one_node(plant):
    for constraint in plant.pod("orewatch-risk")["topologySpreadConstraints"]:
        constraint["maxSkew"] = 10


@mistake("drain-fits")
def calls_cut_off(plant):
    plant.replace("orewatch-registry", "--drain_timeout=20s", "--drain_timeout=0s")


@mistake("ports-of-services")
def calls_to_pods_that_are_not_ready(plant):
    plant.find("Service", "orewatch-registry")["spec"]["publishNotReadyAddresses"] = True


@mistake("protected")
def connections_of_a_day(plant):
    plant.settings("registry")["OREWATCH_MAX_CONNECTION_AGE"] = "24h"


@mistake("disruption-budgets")
def two_at_a_time(plant):
    plant.find("PodDisruptionBudget", "orewatch-risk")["spec"]["maxUnavailable"] = 2


@mistake("edge-reads-its-configuration")
def edge_without_its_configuration(plant):
    plant.container("orewatch-edge")["args"].remove("-c")
