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


@mistake("allowed")
def no_monitor(plant):
    plant.remove("PodMonitor", "orewatch")


@mistake("allowed")
def jobs_of_another_name(plant):
    del plant.find("PodMonitor", "orewatch")["spec"]["jobLabel"]


@mistake("allowed")
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
