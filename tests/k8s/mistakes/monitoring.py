"""Mistakes by which nobody sees what is wrong, or nothing is done about it, planted for test_mistakes.py."""

from support.plant import mistake


def endpoint(plant) -> dict:
    return plant.find("PodMonitor", "orewatch")["spec"]["podMetricsEndpoints"][0]


@mistake("allowed")
def wrong_path(plant):
    endpoint(plant)["path"] = "/metricz"


@mistake("allowed")
def rare_looks(plant):
    endpoint(plant)["interval"] = "15m"


@mistake("allowed")
def forgotten_service(plant):
    plant.find("PodMonitor", "orewatch")["spec"]["selector"]["matchExpressions"][0]["values"].remove("alerting")


@mistake("everything-is-scraped")
def no_monitor(plant):
    plant.remove("PodMonitor", "orewatch")


@mistake("allowed")
def jobs_of_another_name(plant):
    del plant.find("PodMonitor", "orewatch")["spec"]["jobLabel"]


@mistake("watched")
def database_not_scraped(plant):
    plant.remove("PodMonitor", "orewatch-postgres")


@mistake("watched")
def no_rules(plant):
    plant.remove("PrometheusRule", "orewatch")


@mistake("watched")
def no_dashboard(plant):
    plant.remove("ConfigMap", "orewatch-dashboard-overview")


@mistake("allowed")
def dashboard_without_its_label(plant):
    del plant.find("ConfigMap", "orewatch-dashboard-overview")["metadata"]["labels"]["grafana_dashboard"]


@mistake("watched")
def alerts_told_to_nobody(plant):
    del plant.settings("alerting")["OREWATCH_ALERTMANAGER"]


@mistake("watched")
def alerts_told_to_somebody_else(plant):
    plant.settings("alerting")["OREWATCH_ALERTMANAGER"] = "http://alertmanager.default.svc:9093"


@mistake("autoscalers-act-in-time")
def scaled_after_everything_is_lost(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["metrics"][0]["pods"]["target"]["averageValue"] = "100000"


@mistake("allowed")
def scaled_after_a_minute_of_waiting(plant):
    metrics = [metric["pods"] for metric in plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["metrics"]]
    (waiting,) = [metric for metric in metrics if metric["metric"]["name"] == "orewatch_grpc_queue_seconds_p90"]
    waiting["target"]["averageValue"] = "50"


def rules(plant) -> list:
    return plant.find("PrometheusRule", "orewatch")["spec"]["groups"]


@mistake("contents")
def alert_that_never_fires(plant):
    next(rule for group in rules(plant) for rule in group["rules"] if rule.get("alert") == "OrewatchTargetDown")["expr"] = "vector(0) > 1"


@mistake("contents")
def rules_but_the_watchdog_gone(plant):
    for group in rules(plant):
        group["rules"] = [rule for rule in group["rules"] if rule.get("alert") == "OrewatchWatchdog"]


@mistake("contents")
def dashboard_of_nothing(plant):
    plant.find("ConfigMap", "orewatch-dashboard-overview")["data"]["overview.json"] = "{}"


@mistake("autoscalers-act-in-time")
def fewer_streams_than_wait_for_a_replica(plant):
    plant.settings("risk")["OREWATCH_MAX_STREAMS"] = "200"


def envoy(plant, old: str, new: str) -> None:
    data = plant.find("ConfigMap", "orewatch-edge-")["data"]
    assert old in data["envoy.yaml"], old
    data["envoy.yaml"] = data["envoy.yaml"].replace(old, new)


@mistake("contents")
def pages_of_envoy_for_the_network(plant):
    envoy(plant, "127.0.0.1", "0.0.0.0")


@mistake("contents")
def edge_with_a_flag_of_its_own(plant):
    envoy(plant, "# Made by k8s/generate;", "# Made by k8s/generate --metrics_listen=0.0.0.0:443;")


@mistake("edge-fits-its-memory")
def edge_killed_before_it_refuses(plant):
    plant.container("orewatch-edge")["resources"]["limits"]["memory"] = "512Mi"


@mistake("resources")
def memory_that_is_not_there(plant):
    plant.container("orewatch-risk")["resources"]["requests"]["memory"] = "16Gi"


@mistake("volumes")
def volume_mounted_nowhere(plant):
    mounts = plant.container("orewatch-registry")["volumeMounts"]
    mounts[:] = [mount for mount in mounts if mount["name"] != "access"]
