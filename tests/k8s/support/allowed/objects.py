"""Every object that there may be, by its kind and its name, with what may stand in it. Whatever is not here is a mistake."""

import re

from support.allowed import database, pods
from support.manifests import DATABASES, GRPC_PORTS, HOOK_PORT, REASON
from support.shapes import Each, amounts, between, lasts

ANYTHING = re.compile(".*", re.DOTALL)
# Kubernetes: "if the prefix is omitted, the label key is presumed to be private to the user". Tools that apply have prefixes, and harm nobody.
OF_THE_INSTALLATION = re.compile(r"[^/]+|(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)/.+")
OF_A_LOAD_BALANCER = re.compile(r"(service\.beta\.kubernetes\.io|cloud\.google\.com|networking\.gke\.io|metallb\.universe\.tf)/.+")

LABELS = {
    "app.kubernetes.io/part-of": "orewatch",
    "app.kubernetes.io/name?": str,
    "app.kubernetes.io/component?": str,
    "app.kubernetes.io/managed-by?": "kustomize",
    "app.kubernetes.io/version?": re.compile(r"[0-9]+\.[0-9]+\.[0-9]+"),
    OF_THE_INSTALLATION: str,
}
# Of pods, which are selected by them, and named by them in what is scraped.
LABELS_OF_PODS = LABELS | {"app.kubernetes.io/name": "{name}", "app.kubernetes.io/component": "{service}"}
LABELS_OF_PODS |= {"app.kubernetes.io/managed-by": "kustomize", "app.kubernetes.io/version": LABELS["app.kubernetes.io/version?"]}
LABELS_OF_JOBS = LABELS_OF_PODS | {"app.kubernetes.io/name": "orewatch-migrate-{service}", "app.kubernetes.io/component": "migration"}


def _object(api: str, spec=None, *, labels: dict | None = None, annotations: dict | None = None, namespace: bool = True, **more) -> dict:
    metadata = {"name": str, "labels": LABELS | (labels or {}), "annotations?": {OF_THE_INSTALLATION: str} | (annotations or {})}
    whole = {"apiVersion": api, "kind": str, "metadata": metadata | ({"namespace": "orewatch"} if namespace else {})} | more
    return whole if spec is None else whole | {"spec": spec}


def _config(*keys: str) -> dict:
    """What is in them: the check `contents`, and `settings` for the services'."""
    return _object("v1", data={key: ANYTHING for key in keys})


RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
RESTRICTED |= {f"pod-security.kubernetes.io/{mode}-version?": "latest" for mode in ("enforce", "audit", "warn")}
NAMESPACES = {"orewatch": _object("v1", labels=RESTRICTED, namespace=False)}

SETTINGS = _object("v1", data={re.compile("OREWATCH_[A-Z_]+"): ANYTHING})
DASHBOARD = {"labels": {"grafana_dashboard": "1"}, "annotations": {"grafana_folder": "orewatch"}}
HASH = "-[a-z0-9]{10}"
CONFIG_MAPS = {
    **{f"orewatch-{name}{HASH}": SETTINGS for name in GRPC_PORTS},
    "orewatch-access": _config("access.textproto"),
    "orewatch-rules" + HASH: _config("rules.textproto"),
    "orewatch-edge" + HASH: _config("edge.yaml", "envoy.yaml", "upstream.yaml", "upstream_ca.yaml"),
    **{
        f"orewatch-dashboard-{name}{HASH}": _object("v1", data={f"{name}.json": ANYTHING}, **DASHBOARD)
        for name in ("alerting", "data", "gateway", "overview", "service")
    },
}


def _ports(name: str, number: int, speaks) -> list:
    return [{"name": name, "port": number, "targetPort": name, "protocol?": "TCP", "appProtocol": speaks}]


SELECTED = {"app.kubernetes.io/name": "{name}"}
# Headless: its name stands for its pods, none of which is reached through it from outside. With TLS, or without (dev).
HEADLESS = {"type?": "ClusterIP", "clusterIP": "None", "selector": SELECTED}
DOOR = {
    "type?": ("LoadBalancer", "ClusterIP"),
    # Callers' addresses are kept, and with them the limit of each.
    "externalTrafficPolicy": "Local",
    "selector": SELECTED,
    "ports": _ports("https", 443, "https"),
    "loadBalancerClass?": str,
    "loadBalancerSourceRanges?": Each(str),
}
HOOK = {"type?": "ClusterIP", "selector": {"app.kubernetes.io/name": "orewatch-alerting"}, "ports": _ports("hook", HOOK_PORT, "http")}
SERVICES = {
    **{f"orewatch-{name}": _object("v1", HEADLESS | {"ports": _ports("grpc", port, ("https", "kubernetes.io/h2c"))}) for name, port in GRPC_PORTS.items()},
    "orewatch-edge": _object("v1", DOOR, annotations={OF_A_LOAD_BALANCER: str}),
    "orewatch-alerting-hook": _object("v1", HOOK),
}

DEPLOYMENTS = {f"orewatch-{name}": _object("apps/v1", pods.service(name, LABELS_OF_PODS)) for name in GRPC_PORTS}
DEPLOYMENTS["orewatch-edge"] = _object("apps/v1", pods.edge(LABELS_OF_PODS))
MIGRATIONS = {f"orewatch-migrate-{name}-v[0-9-]+": _object("batch/v1", pods.migration(LABELS_OF_JOBS)) for name in DATABASES}
ACCOUNT = _object("v1", automountServiceAccountToken=False)


def _claim(mode: str, least: str) -> dict:
    return {"accessModes": [mode], "resources": {"requests": {"storage": amounts(least, "64Ti")}}, "storageClassName?": str}


CLAIMS = {f"orewatch-{name}": _object("v1", _claim("ReadWriteOnce", "1Gi")) for name in DATABASES}
CLAIMS["orewatch-audit"] = _object("v1", _claim("ReadWriteMany", "10Gi"))

# One pod at a time; one that is not ready does not keep its node from being emptied.
BUDGET = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": SELECTED}}


def _average(metric: str, least: str, most: str) -> dict:
    return {"type": "Pods", "pods": {"metric": {"name": metric}, "target": {"type": "AverageValue", "averageValue": amounts(least, most)}}}


def _pace(pods_at_once: tuple, period_s: tuple) -> list:
    return [{"type": "Pods", "value": between(*pods_at_once), "periodSeconds": between(*period_s)}]


# Up at once, and down one by one: a new replica has its share when connections have reached their age of half an hour.
AUTOSCALER = {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "{name}"},
    "minReplicas": between(2, 10),
    # connections-fit adds up what they ask of PostgreSQL.
    "maxReplicas": between(3, 50),
    # Behind twice of these calls are refused (autoscalers-act-in-time); a share of a read's usual second.
    "metrics": [
        _average("orewatch_grpc_in_flight", "10", "25000"),
        _average("orewatch_grpc_streams", "50", "500000"),
        _average("orewatch_grpc_queue_seconds_p90", "10m", "250m"),
    ],
    "behavior": {
        "scaleUp?": {"policies": _pace((1, 4), (15, 120)), "selectPolicy?": "Max", "stabilizationWindowSeconds?": between(0, 120)},
        "scaleDown": {"policies": _pace((1, 1), (120, 1800)), "stabilizationWindowSeconds": between(1800, 3600)},
    },
}

# Ours, or an installation's (the check `issuers`).
ISSUER = {"name": str, "kind?": str, "group?": str}
KEY = {"algorithm": "ECDSA", "size": (256, 384)}
CERTIFICATE = {
    "secretName": "{name}-tls",
    "issuerRef": ISSUER,
    "dnsNames": ["{name}", "{name}.orewatch.svc", "{name}.orewatch.svc.cluster.local"],
    # By which access.textproto knows it.
    "uris": ["spiffe://orewatch/{service}"],
    "usages": ["digital signature", "server auth", "client auth"],
    "isCA?": False,
    # An alert a week before the end must mean that renewing has failed for long; `certificates` says what of it is the rest.
    "duration": lasts("672h", "2160h"),
    "renewBefore": lasts("336h", "1080h"),
    "privateKey": KEY | {"rotationPolicy": "Always"},
}
HOST_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
# Beside its names in the cluster those that callers use, none of which is any name of a domain.
OF_THE_DOOR = CERTIFICATE | {"dnsNames": Each((*CERTIFICATE["dnsNames"], HOST_NAME), least=3)}
AUTHORITY = {
    "secretName": "{name}",
    "commonName": "orewatch",
    "isCA": True,
    "issuerRef": {"name": "orewatch-bootstrap", "kind?": "Issuer", "group?": "cert-manager.io"},
    "duration": lasts("17520h", "87600h"),
    "renewBefore": lasts("2160h", "17520h"),
    # Its certificate may be renewed, and what it has signed stays good.
    "privateKey": KEY | {"rotationPolicy": "Never"},
}
CERTIFICATES = {f"orewatch-{name}": _object("cert-manager.io/v1", CERTIFICATE) for name in GRPC_PORTS}
CERTIFICATES |= {"orewatch-edge": _object("cert-manager.io/v1", OF_THE_DOOR), "orewatch-ca": _object("cert-manager.io/v1", AUTHORITY)}
ISSUERS = {"orewatch": _object("cert-manager.io/v1", {"ca": {"secretName": "orewatch-ca"}})}
ISSUERS["orewatch-bootstrap"] = _object("cert-manager.io/v1", {"selfSigned": {}})


def _scraped(selector: dict, port: str, path: str, endpoint: dict | None = None, **more) -> dict:
    """All that is there, every 15 s or 30 s, as what it says itself it is: rules look back five minutes at the least, and want four values in it."""
    cluster = {"action?": "replace", "targetLabel": "cluster", "replacement": str}
    asked = {"port": port, "path?" if path == "/metrics" else "path": path, "interval": lasts("5s", "30s"), "scrapeTimeout?": lasts("3s", "10s")}
    return {"selector": selector, "podMetricsEndpoints": [asked | {"relabelings": [cluster]} | (endpoint or {})], **more}


def _in(key: str, *values: str) -> dict:
    return {"key": f"app.kubernetes.io/{key}", "operator": "In", "values": list(values)}


OF_SERVICES = {"matchExpressions": [_in("component", "gateway", "registry", "risk", "alerting"), _in("part-of", "orewatch")]}
OF_EDGE = {"matchLabels": {"app.kubernetes.io/component": "edge", "app.kubernetes.io/part-of": "orewatch"}}
OF_POSTGRES = {"matchLabels": {"cnpg.io/cluster": "orewatch-postgres"}}
# Its exporter calls something else so.
WITHOUT_CLUSTER = {"action": "replace", "sourceLabels": ["cluster"], "regex": "orewatch-postgres", "targetLabel": "cluster", "replacement": ""}
JOB = {"jobLabel": "app.kubernetes.io/name"}
MONITORS = {
    "orewatch": _scraped(OF_SERVICES, "admin", "/metrics", **JOB),
    "orewatch-edge": _scraped(OF_EDGE, "metrics", "/stats/prometheus", **JOB),
    "orewatch-postgres": _scraped(OF_POSTGRES, "metrics", "/metrics", {"metricRelabelings": [WITHOUT_CLUSTER]}),
}

# By what they say: the check `contents`.
RULES = _object("monitoring.coreos.com/v1", {"groups": list})
# By what they mean: the check `network`. One that an installation adds says why.
SELECTOR = {"matchLabels?": {ANYTHING: str}, "matchExpressions?": Each({"key": str, "operator": "In", "values": Each(str)})}
PEER = ({"podSelector": SELECTOR}, {"namespaceSelector": SELECTOR, "podSelector": SELECTOR}, {"ipBlock": {"cidr": re.compile("[0-9a-f.:]+/[0-9]{1,3}")}})
PORTS = {"ports": Each({"protocol?": ("TCP", "UDP"), "port": between(1, 65535)}, least=1)}
SAYS = {
    "podSelector": SELECTOR,
    "policyTypes": Each(("Ingress", "Egress"), least=1),
    # From anybody: to the edge.
    "ingress?": Each(PORTS | {"from?": Each(PEER, least=1)}),
    "egress?": Each(PORTS | {"to": Each(PEER, least=1)}),
}
POLICY = _object("networking.k8s.io/v1", SAYS, annotations={f"{REASON}?": re.compile(".{10,}")})

OBJECTS = {
    "Namespace": NAMESPACES,
    "ConfigMap": CONFIG_MAPS,
    "Service": SERVICES,
    "ServiceAccount": {"orewatch-(gateway|registry|risk|alerting|edge|audit|migrate-v[0-9-]+)": ACCOUNT},
    "Deployment": DEPLOYMENTS,
    "Job": MIGRATIONS,
    "Pod": {"orewatch-audit": _object("v1", pods.audit_files())},
    "PersistentVolumeClaim": CLAIMS,
    "PodDisruptionBudget": {"orewatch-(gateway|registry|risk|alerting|edge)": _object("policy/v1", BUDGET)},
    "HorizontalPodAutoscaler": {"orewatch-(gateway|registry|risk)": _object("autoscaling/v2", AUTOSCALER)},
    "Certificate": CERTIFICATES,
    # Any other is an installation's own.
    "Issuer": ISSUERS | {".+": _object("cert-manager.io/v1", dict)},
    "Cluster": {
        "orewatch-postgres": _object("postgresql.cnpg.io/v1", database.CLUSTER),
        "orewatch-postgres-restored": _object("postgresql.cnpg.io/v1", database.RESTORED),
    },
    "Database": {"orewatch-(risk|alerting)": _object("postgresql.cnpg.io/v1", database.DATABASE)},
    "ScheduledBackup": {"orewatch-postgres": _object("postgresql.cnpg.io/v1", database.SCHEDULE)},
    "ObjectStore": {"orewatch-postgres": _object("barmancloud.cnpg.io/v1", database.OBJECT_STORE)},
    "PodMonitor": {name: _object("monitoring.coreos.com/v1", spec) for name, spec in MONITORS.items()},
    "PrometheusRule": {"orewatch": RULES},
    "NetworkPolicy": {".+": POLICY},
}
