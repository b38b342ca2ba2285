"""Checks of who watches: what is scraped, which rules and dashboards there are, whom alerts are told to."""

from support.checks import check
from support.manifests import Manifests
from support.shapes import amount

ALERTMANAGER = "http://alertmanager-operated.monitoring.svc:9093"
DASHBOARDS = {"alerting", "data", "gateway", "overview", "service"}


@check("watched", overlays=("prod",))
def watched(manifests: Manifests):
    if not manifests.of("PrometheusRule"):
        yield "no rules tell anybody anything"
    if "orewatch-postgres" not in manifests.names("PodMonitor"):
        yield "PostgreSQL is not scraped"
    shown = {key.removesuffix(".json") for config in manifests.of("ConfigMap") for key in config.get("data", {}) if key.endswith(".json")}
    if shown != DASHBOARDS:
        yield f"dashboards: {sorted(shown)}"
    for workload in manifests.services:
        flags = manifests.flags(workload)
        if workload.component == "alerting" and flags.get("alertmanager") != ALERTMANAGER:
            yield f"{workload}: tells of alerts at {flags.get('alertmanager')}"
        if workload.component == "alerting" and not flags.get("alertmanager_hook_secret"):
            yield f"{workload}: anybody may call back as Alertmanager"


# Of calls, and of streams, a replica has this share of what it can bear when there is to be another: room for those that it takes to come.
SHARES = {"orewatch_grpc_in_flight": ("max_in_flight", 0.25), "orewatch_grpc_streams": ("max_streams", 0.8)}
# Of both limits (docs/operations.md).
DEFAULT_LIMIT = "1000"


@check("autoscalers-act-in-time", overlays=("prod",))
def targets(manifests: Manifests):
    by_name = {workload.name: manifests.flags(workload) for workload in manifests.services}
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        flags = by_name.get(scaler["spec"]["scaleTargetRef"]["name"], {})
        wanted = {metric["pods"]["metric"]["name"]: metric["pods"]["target"].get("averageValue", "0") for metric in scaler["spec"].get("metrics", []) if "pods" in metric}
        for name, (flag, share) in SHARES.items():
            most = share * int(flags.get(flag, DEFAULT_LIMIT))
            if amount(wanted.get(name, "0")) > most:
                yield f"HorizontalPodAutoscaler/{scaler['metadata']['name']}: {name} of {wanted[name]} comes after --{flag} refuses: {most:.0f} at most"
