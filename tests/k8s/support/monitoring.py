"""Checks of who watches: what is scraped, which rules and dashboards there are, whom alerts are told to."""

from support.checks import check
from support.manifests import SERVICES, Manifests, matches, seconds

ALERTMANAGER = "http://alertmanager-operated.monitoring.svc:9093"
DASHBOARDS = {"alerting", "data", "gateway", "overview", "service"}
# Rules look back five minutes at the least, and want four values in it.
LONGEST_INTERVAL_S = 30


def workloads_of(manifests: Manifests, monitor: dict) -> list:
    return [workload for workload in manifests.services if matches(monitor["spec"]["selector"], workload.labels)]


@check("scraped", overlays=("prod",))
def scraped(manifests: Manifests):
    for workload in manifests.services:
        mine = [monitor for monitor in manifests.of("PodMonitor") if matches(monitor["spec"]["selector"], workload.labels)]
        if len(mine) != 1 or mine[0]["spec"].get("jobLabel") != "app.kubernetes.io/name":
            yield f"{workload}: is not scraped once, as the job {workload.name}"
    if not any(monitor["spec"]["selector"] == {"matchLabels": {"cnpg.io/cluster": "orewatch-postgres"}} for monitor in manifests.of("PodMonitor")):
        yield "PostgreSQL is not scraped"
    for monitor in manifests.of("PodMonitor"):
        where = f"PodMonitor/{monitor['metadata']['name']}"
        if not monitor["spec"].get("podMetricsEndpoints"):
            yield f"{where}: looks at no port"
        for endpoint in monitor["spec"].get("podMetricsEndpoints", []):
            labels = {one.get("targetLabel"): one.get("replacement") for one in endpoint.get("relabelings", []) if one.get("action", "replace") == "replace"}
            if workloads_of(manifests, monitor) and not labels.get("cluster"):
                yield f"{where}: nothing tells this cluster from another"
            interval = seconds(endpoint.get("interval", "1h"))
            if interval > LONGEST_INTERVAL_S or seconds(endpoint.get("scrapeTimeout", "10s")) > interval:
                yield f"{where}: looks each {endpoint.get('interval')}, for {endpoint.get('scrapeTimeout')}"
            if not endpoint.get("port") or endpoint.get("path", "/metrics") not in ("/metrics", "/stats/prometheus"):
                yield f"{where}: asks for {endpoint.get('path')} of port {endpoint.get('port')}"


@check("watched", overlays=("prod",))
def watched(manifests: Manifests):
    alerts = {rule["alert"] for resource in manifests.of("PrometheusRule") for group in resource["spec"]["groups"] for rule in group["rules"] if "alert" in rule}
    if "OrewatchWatchdog" not in alerts:
        yield "no rules tell anybody anything"
    shown = set()
    for config in manifests.of("ConfigMap"):
        metadata = config["metadata"]
        if metadata["name"].startswith("orewatch-dashboard-"):
            if metadata.get("labels", {}).get("grafana_dashboard") != "1":
                yield f"ConfigMap/{metadata['name']}: Grafana does not look for it"
            shown |= {key.removesuffix(".json") for key in config["data"]}
    if shown != DASHBOARDS:
        yield f"dashboards: {sorted(shown)}"
    for workload in manifests.services:
        flags = manifests.flags(workload)
        if workload.component == "alerting" and flags.get("alertmanager") != ALERTMANAGER:
            yield f"{workload}: tells of alerts at {flags.get('alertmanager')}"
        if workload.component == "alerting" and not flags.get("alertmanager_hook_secret"):
            yield f"{workload}: anybody may call back as Alertmanager"


# Of the limits behind which calls are refused (docs/operations.md), with room for the replicas to come; a share of a read's usual second.
TARGETS = {"orewatch_grpc_in_flight": (10, 250), "orewatch_grpc_queue_seconds_p90": (0.01, 0.25), "orewatch_grpc_streams": (50, 800)}


def _number(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


@check("autoscalers-act-in-time", overlays=("prod",))
def targets(manifests: Manifests):
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        for metric in scaler["spec"].get("metrics", []):
            pods = metric.get("pods", {})
            least, most = TARGETS.get(pods.get("metric", {}).get("name"), (0, 0))
            value = _number(pods.get("target", {}).get("averageValue", "0"))
            if not least <= value <= most:
                yield f"HorizontalPodAutoscaler/{scaler['metadata']['name']}: {pods.get('metric', {}).get('name')} of {value}, not {least} to {most}"
