"""Pods: of the services, of the edge, of the Jobs before a rollout, and the one that shows the audit log's files."""

import re

from support.manifests import ADMIN_PORTS, EDGE_DRAIN_PORT, EDGE_METRICS_PORT, EDGE_PORT, GRPC_PORTS, HOOK_PORT
from support.shapes import Each, amounts, between

USER = 65532
# [registry/]orewatch/name with a version, a digest, or both; images-of-one-version says of which name, and of which version.
IMAGE = re.compile(r"([a-z0-9.:-]+/)*orewatch/[a-z]+(:[0-9][A-Za-z0-9._-]*)?(@sha256:[0-9a-f]{64})?")

# Nobody special, who may do nothing special, and writes to volumes alone.
POD_CONTEXT = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "fsGroup": USER,
    "fsGroupChangePolicy?": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTEXT = {"allowPrivilegeEscalation": False, "privileged?": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}

# A process with nothing in it takes a tenth of 256Mi; docs/operations/capacity.md ends below 64Gi. No limit of CPU: it would make calls
# wait, where the services refuse early by themselves.
RESOURCES = {"requests": {"cpu": amounts("10m", "16"), "memory": amounts("64Mi", "64Gi")}, "limits": {"memory": amounts("256Mi", "64Gi")}}

READABLE_BY_GROUP = 0o440


def _of_secret(name: str, secret: str, *keys: str) -> dict:
    """Whoever makes a secret may put keys beside what is wanted, so that items are named."""
    items = {"items": [{"key": key, "path": key} for key in keys]} if keys else {}
    return {"name": name, "secret": {"secretName": secret, "defaultMode": READABLE_BY_GROUP} | items}


def _generated(name: str) -> re.Pattern:
    """Of another name when its content is another: pods are rolled by it."""
    return re.compile(name + "-[a-z0-9]{10}")


WEBHOOKS = {"name": "webhooks", "secret": {"secretName": "orewatch-webhooks", "defaultMode": READABLE_BY_GROUP, "items": Each({"key": str, "path": str}, least=1)}}
VOLUMES = (
    _of_secret("tls", "{name}-tls"),
    _of_secret("postgres", "orewatch-postgres-{service}", "pg_service.conf"),
    _of_secret("postgres-ca", "orewatch-postgres-ca", "ca.crt"),
    _of_secret("hook", "orewatch-alertmanager-hook", "token"),
    WEBHOOKS,
    {"name": "access", "configMap": {"name": "orewatch-access"}},
    {"name": "jwt-keys", "configMap": {"name": "orewatch-jwt-keys"}},
    {"name": "rules", "configMap": {"name": _generated("orewatch-rules")}},
    {"name": "config", "configMap": {"name": _generated("orewatch-edge")}},
    {"name": "audit", "persistentVolumeClaim": {"claimName": "orewatch-audit"}},
    {"name": "data", "persistentVolumeClaim": {"claimName": "{name}"}},
    {"name": "run", "emptyDir": {"medium": "Memory", "sizeLimit": amounts("1Mi", "16Mi")}},
)
# Whole folders: in a subPath no renewed file would appear. What is written stays apart from what is read.
READ = ("tls", "postgres", "postgres-ca", "hook", "webhooks", "access", "jwt", "rules", "edge")
WRITTEN = {"audit": "/var/log/orewatch", "data": "/var/lib/orewatch", "run": "/run/orewatch"}
VOLUME_OF = {"jwt": "jwt-keys", "edge": "config"}
MOUNTS = (
    *({"name": VOLUME_OF.get(name, name), "mountPath": f"/etc/orewatch/{name}", "readOnly": True} for name in READ),
    *({"name": name, "mountPath": path} for name, path in WRITTEN.items()),
)

# No secret, no setting of a library (PGSSLMODE, LD_PRELOAD, GRPC_TRACE).
POD_NAME = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
AUDIT_LOG = {"name": "OREWATCH_AUDIT_LOG", "value": "/var/log/orewatch/$(POD_NAME).jsonl"}
SERVICE_FILE = {"name": "PGSERVICEFILE", "value": "/etc/orewatch/postgres/pg_service.conf"}
# In this order: a variable is known to those after it.
VARIABLES = ([POD_NAME, AUDIT_LOG], [POD_NAME, AUDIT_LOG, SERVICE_FILE])
FLAG = re.compile(r"--[a-z_]+(=.*)?", re.DOTALL)


def _port(name: str, number: int) -> dict:
    return {"name": name, "containerPort": number, "protocol?": "TCP"}


def _probe(ask: dict, period: tuple, failures: tuple) -> dict:
    return ask | {"periodSeconds": between(*period), "timeoutSeconds": between(1, 5), "failureThreshold": between(*failures)}


def _get(path: str, port: str, more: dict | None = None) -> dict:
    return {"httpGet": {"path": path, "port": port} | (more or {})}


def _pod(container: dict, more: dict) -> dict:
    return {
        "serviceAccountName": str,
        # Nothing here talks to the API server; a Service named like a setting would set it.
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_CONTEXT,
        "containers": [container | {"securityContext": CONTEXT, "resources": RESOURCES}],
        "volumes?": Each(VOLUMES),
        # A registry that asks who fetches.
        "imagePullSecrets?": Each({"name": str}),
    } | more


def _spread(key: str) -> dict:
    same = {"matchLabels": {"app.kubernetes.io/name": "{name}"}}
    return {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": same, "matchLabelKeys": ["pod-template-hash"]}


def _template(labels: dict, pod: dict) -> dict:
    return {"metadata": {"labels": labels, "annotations?": {"kubectl.kubernetes.io/default-container": str}}, "spec": pod}


def _deployment(labels: dict, container: dict, grace: tuple) -> dict:
    pod = _pod(
        container | {"name": "{service}", "image": IMAGE, "imagePullPolicy?": ("IfNotPresent", "Always"), "volumeMounts?": Each(MOUNTS)},
        {
            "serviceAccountName": "{name}",
            "terminationGracePeriodSeconds": between(*grace),
            "topologySpreadConstraints": [_spread("topology.kubernetes.io/zone"), _spread("kubernetes.io/hostname")],
        },
    )
    return {
        # Left out where an autoscaler says.
        "replicas?": between(1, 20),
        "selector": {"matchLabels": {"app.kubernetes.io/name": "{name}"}},
        "strategy": ({"type?": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, {"type": "Recreate"}),
        "minReadySeconds?": between(10, 120),
        "progressDeadlineSeconds?": between(120, 3600),
        "revisionHistoryLimit?": between(2, 20),
        "template": _template(labels, pod),
    }


def service(component: str, labels: dict) -> dict:
    ports = [_port("grpc", GRPC_PORTS[component]), _port("admin", ADMIN_PORTS[component])]
    # Where Alertmanager calls back.
    ports = (ports, [_port("hook", HOOK_PORT), *ports]) if component == "alerting" else ports
    container = {
        "args": Each(FLAG),
        "env?": VARIABLES,
        "envFrom": [{"configMapRef": {"name": _generated("orewatch-" + component)}}],
        "ports": ports,
        "startupProbe": _probe(_get("/livez", "admin"), (1, 5), (30, 300)),
        # A neighbour or a database that is away restarts nobody.
        "livenessProbe": _probe(_get("/livez", "admin"), (5, 20), (3, 6)),
        "readinessProbe": _probe(_get("/readyz", "admin"), (2, 10), (1, 3)),
        # rollout-finds-callers says how long where there are several.
        "lifecycle": {"preStop": {"sleep": {"seconds": between(5, 120)}}},
    }
    return _deployment(labels, container, grace=(30, 600))


# Hot restart wants memory that is shared, and to write it. Nothing of the configuration on the command line, where it would win.
ENVOY = ["-c", "/etc/orewatch/edge/envoy.yaml", "--disable-hot-restart", "--concurrency", re.compile("[1-9][0-9]?")]
ENVOY += ["--log-level", ("info", "warn", "error"), "--drain-strategy", "immediate"]
HTTPS = {"scheme": "HTTPS"}


def edge(labels: dict) -> dict:
    container = {
        "args": ENVOY,
        "ports": [_port("https", EDGE_PORT), _port("drain", EDGE_DRAIN_PORT), _port("metrics", EDGE_METRICS_PORT)],
        "startupProbe": _probe(_get("/livez", "https", HTTPS), (1, 5), (30, 300)),
        "livenessProbe": _probe({"tcpSocket": {"port": "https"}}, (5, 20), (3, 6)),
        "readinessProbe": _probe(_get("/livez", "https", HTTPS), (2, 10), (1, 3)),
        "lifecycle": {"preStop": _get("/drain", "drain")},
    }
    return _deployment(labels, container, grace=(40, 600))


def migration(labels: dict) -> dict:
    """It fails by itself, is tried again as another pod, ends some time, and goes away some time."""
    container = {
        "name": "migrate",
        "image": IMAGE,
        "imagePullPolicy?": ("IfNotPresent", "Always"),
        "args": ["--migrate", re.compile("--database=.*")],
        "env": [SERVICE_FILE],
        "volumeMounts": Each(MOUNTS),
    }
    return {
        "backoffLimit?": between(1, 10),
        "activeDeadlineSeconds": between(600, 24 * 3600),
        # Whoever has Argo CD or Flux apply takes it away (docs/operations/kubernetes.md).
        "ttlSecondsAfterFinished?": between(3600, 30 * 86400),
        "template": _template(labels, _pod(container, {"restartPolicy": "Never"})),
    }


def audit_files() -> dict:
    """Looked into by kubectl exec for an hour: services' pods have no shell."""
    container = {
        "name": "files",
        "image": re.compile(r"([a-z0-9.:-]+/)*debian:12-slim(@sha256:[0-9a-f]{64})?"),
        "command": ["sleep", "infinity"],
        "volumeMounts": [{"name": "audit", "mountPath": "/var/log/orewatch"}],
    }
    more = {"activeDeadlineSeconds": between(600, 24 * 3600), "restartPolicy": "Never", "serviceAccountName": "{name}", "terminationGracePeriodSeconds?": between(1, 30)}
    return _pod(container, more)


