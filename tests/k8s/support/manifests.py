"""What is rendered, as checks want to look at it."""

import dataclasses
import re

DATA_FOLDER = "/var/lib/orewatch"
SERVICES = ("registry", "risk", "alerting", "gateway")
# Those that keep something.
DATABASES = ("registry", "risk", "alerting")
# The table of ports in docs/operations.md.
GRPC_PORTS = {"gateway": 7100, "registry": 7101, "risk": 7102, "alerting": 7103}
ADMIN_PORTS = {name: port + 2000 for name, port in GRPC_PORTS.items()}
EDGE_PORT = 8080
# Where the kubelet asks the edge to send its callers away, and nobody else.
EDGE_DRAIN_PORT = 9902
EDGE_METRICS_PORT = 9904
HOOK_PORT = 9113
# What an installation says of a network policy of its own (docs/operations/kubernetes.md).
REASON = "orewatch.io/reason"


@dataclasses.dataclass(frozen=True)
class Workload:
    """What makes pods: a Deployment or a Job."""

    kind: str
    name: str
    component: str
    spec: dict
    labels: dict
    pod: dict

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def container(self) -> dict:
        return self.pod["containers"][0]

    @property
    def ports(self) -> dict:
        """Of its container, by their names."""
        return {port.get("name"): port["containerPort"] for port in self.container.get("ports", [])}

    @property
    def surge(self) -> int:
        return self.spec.get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 1)

    @property
    def containers(self) -> list:
        return [*self.pod.get("initContainers", []), *self.pod["containers"], *self.pod.get("ephemeralContainers", [])]


class Manifests:
    def __init__(self, documents: list):
        self.documents = documents

    def of(self, *kinds: str) -> list:
        return [document for document in self.documents if document["kind"] in kinds]

    def names(self, *kinds: str) -> set:
        return {document["metadata"]["name"] for document in self.of(*kinds)}

    def find(self, kind: str, name: str) -> dict | None:
        return next((document for document in self.of(kind) if document["metadata"]["name"] == name), None)

    @property
    def workloads(self) -> list:
        made = []
        for document in self.of("Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob", "Pod"):
            template = document["spec"]["template"] if "template" in document["spec"] else document
            labels = template.get("metadata", {}).get("labels", {})
            component = labels.get("app.kubernetes.io/component", "")
            made.append(Workload(document["kind"], document["metadata"]["name"], component, document["spec"], labels, template["spec"]))
        return made

    @property
    def deployments(self) -> list:
        return [workload for workload in self.workloads if workload.kind == "Deployment"]

    @property
    def services(self) -> list:
        """Deployments of our four services."""
        return [workload for workload in self.deployments if workload.component in SERVICES]

    @staticmethod
    def is_shared(claim: dict) -> bool:
        """May pods on several nodes write to it at once?"""
        return claim["spec"].get("accessModes") == ["ReadWriteMany"]

    @staticmethod
    def first_database(cluster: dict) -> dict:
        """What PostgreSQL is begun with, anew or from what was archived."""
        begun = cluster["spec"].get("bootstrap", {})
        return begun.get("initdb") or begun.get("recovery", {})

    def environment(self, workload: Workload) -> dict:
        """Variables of its container, from wherever but secrets."""
        values = {}
        for source in workload.container.get("envFrom", []):
            config = self.find("ConfigMap", source.get("configMapRef", {}).get("name", ""))
            values |= config["data"] if config else {}
        return values | {one["name"]: one["value"] for one in workload.container.get("env", []) if "value" in one}

    def flags(self, workload: Workload) -> dict:
        """Settings of one of our programs, as it would see them: its arguments before its variables."""
        settings = {name.removeprefix("OREWATCH_").lower(): value for name, value in self.environment(workload).items() if name.startswith("OREWATCH_")}
        for argument in workload.container.get("args", []):
            name, _, value = argument.removeprefix("--").partition("=")
            settings[name] = value if "=" in argument else "true"
        return settings


def matches(selector: dict | None, labels: dict) -> bool:
    """A selector of labels, by Kubernetes' rules: an empty one takes everything, none takes nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for wanted in selector.get("matchExpressions") or []:
        key, operator, values = wanted["key"], wanted["operator"], wanted.get("values") or []
        if operator == "In" and labels.get(key) not in values:
            return False
        if operator == "NotIn" and labels.get(key) in values:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def seconds(text: str) -> float:
    """A duration as our flags take it: 250ms, 20s, 1m30s."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    parts = re.findall(r"([0-9.]+)(ms|s|m|h)", text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise ValueError(f"'{text}' is no duration")
    return sum(float(number) * units[unit] for number, unit in parts)


def mebibytes(quantity: str) -> float:
    units = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}
    number, unit = re.fullmatch(r"([0-9]+)(Ki|Mi|Gi|Ti)", quantity).groups()
    return int(number) * units[unit]
