"""What the Prometheus of an overlay stores of what pods say: the rendered PodMonitors as a scrape config, and a real Prometheus that follows it."""

import collections
import contextlib
import dataclasses
import functools
import http.server
import pathlib
import re
import subprocess
import threading

import yaml

from programs.kubectl import kubectl
from programs.process import ROOT
from programs.prometheus import Prometheus

LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
# Where our programs, Envoy and the exporter of CloudNativePG answer.
PATHS = collections.defaultdict(lambda: "/metrics", {"orewatch-edge": "/stats/prometheus"})


@functools.cache
def rendered(overlay: str) -> tuple:
    """The objects of an overlay."""
    text = subprocess.run([kubectl(), "kustomize", ROOT / "k8s/overlays" / overlay], check=True, capture_output=True, text=True).stdout
    return tuple(one for one in yaml.safe_load_all(text) if one)


@dataclasses.dataclass(frozen=True)
class Series:
    name: str
    labels: tuple

    @staticmethod
    def parsed(text: str) -> "Series":
        name, _, labels = text.partition("{")
        return Series(name, tuple(sorted(LABEL.findall(labels))))

    def __getitem__(self, label: str) -> str:
        return dict(self.labels).get(label, "")

    def __str__(self) -> str:
        return f"{self.name}{{{','.join(f'{label}={chr(34)}{value}{chr(34)}' for label, value in self.labels)}}}"


@dataclasses.dataclass(frozen=True)
class Pod:
    name: str
    workload: str
    namespace: str
    labels: dict
    # Of its containers: (container, name of the port).
    ports: list


def deployed(objects: tuple, workload: str, suffix: str) -> Pod:
    """A replica of a Deployment."""
    (found,) = [one for one in objects if one["kind"] == "Deployment" and one["metadata"]["name"] == workload]
    template = found["spec"]["template"]
    ports = [(container["name"], port["name"]) for container in template["spec"]["containers"] for port in container["ports"]]
    return Pod(f"{workload}-{suffix}", workload, found["metadata"]["namespace"], template["metadata"]["labels"], ports)


def instance(objects: tuple, name: str) -> Pod:
    """One of PostgreSQL, as CloudNativePG makes it of its Cluster."""
    (cluster,) = [one for one in objects if one["kind"] == "Cluster" and name.rpartition("-")[0] == one["metadata"]["name"]]
    labels = {"cnpg.io/cluster": cluster["metadata"]["name"], "cnpg.io/instanceName": name, "cnpg.io/podRole": "instance"}
    return Pod(name, "postgres", cluster["metadata"]["namespace"], labels, [("postgres", port) for port in ("postgresql", "metrics", "status")])


def _meta(label: str, kind: str = "label") -> str:
    return f"__meta_kubernetes_pod_{kind}_" + re.sub(r"\W", "_", label)


def _selects(selector: dict) -> list[dict]:
    wanted = {label: [value] for label, value in selector.get("matchLabels", {}).items()}
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In"
        wanted[one["key"]] = one["values"]
    return [
        {"source_labels": [_meta(label), _meta(label, "labelpresent")], "regex": f"({'|'.join(values)});true", "action": "keep"}
        for label, values in wanted.items()
    ]


def _words(relabelings: list[dict]) -> list[dict]:
    """As prometheus.yml has them: sourceLabels is source_labels there."""
    return [{re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), key): value for key, value in one.items()} for one in relabelings]


def scrape_config(monitor: dict, endpoint: dict, targets: list[dict]) -> dict:
    """What the Prometheus operator makes of an endpoint of a PodMonitor; but it scrapes each second."""
    spec, metadata = monitor["spec"], monitor["metadata"]
    assert not set(endpoint) - {"port", "path", "interval", "scrapeTimeout", "honorLabels", "relabelings", "metricRelabelings"}
    assert not set(spec) - {"jobLabel", "selector", "podMetricsEndpoints"}
    relabelings = [
        {"source_labels": ["__meta_kubernetes_namespace"], "regex": metadata["namespace"], "action": "keep"},
        {"source_labels": ["__meta_kubernetes_pod_phase"], "regex": "(Failed|Succeeded)", "action": "drop"},
        *_selects(spec["selector"]),
        {"source_labels": ["__meta_kubernetes_pod_container_port_name"], "regex": endpoint["port"], "action": "keep"},
        {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
        {"source_labels": ["__meta_kubernetes_pod_container_name"], "target_label": "container"},
        {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
        {"target_label": "job", "replacement": f"{metadata['namespace']}/{metadata['name']}"},
        {"target_label": "endpoint", "replacement": endpoint["port"]},
    ]
    if "jobLabel" in spec:
        relabelings.insert(-1, {"source_labels": [_meta(spec["jobLabel"])], "regex": "(.+)", "target_label": "job"})
    return {
        "job_name": f"podMonitor/{metadata['namespace']}/{metadata['name']}/{endpoint['port']}",
        "metrics_path": endpoint.get("path", "/metrics"),
        "honor_labels": endpoint.get("honorLabels", False),
        "static_configs": targets,
        "relabel_configs": relabelings + _words(endpoint.get("relabelings", [])),
        "metric_relabel_configs": _words(endpoint.get("metricRelabelings", [])),
    }


def _targets(pod: Pod, address: str) -> list[dict]:
    """A pod as Prometheus discovers it: each of its ports."""
    labels = {"__meta_kubernetes_namespace": pod.namespace, "__meta_kubernetes_pod_name": pod.name, "__meta_kubernetes_pod_phase": "Running"}
    for label, value in pod.labels.items():
        labels |= {_meta(label): value, _meta(label, "labelpresent"): "true"}
    of_port = ("__meta_kubernetes_pod_container_name", "__meta_kubernetes_pod_container_port_name")
    return [{"targets": [address], "labels": labels | dict(zip(of_port, port))} for port in pod.ports]


class Pods:
    """Each has an address of the loopback, and says there what it is told to, each series with a number of its own."""

    def __init__(self):
        self.said = {}
        self._pods = {}
        self._pages = collections.defaultdict(str)

    def address(self, pod: Pod) -> str:
        self._pods.setdefault(pod.name, (pod, f"127.0.1.{len(self._pods) + 1}"))
        return self._pods[pod.name][1]

    def say(self, pod: Pod, series: Series) -> None:
        if (pod.name, series) not in self.said:
            self.said[pod.name, series] = len(self.said) + 1
            self._pages[self.address(pod)] += f"{series} {self.said[pod.name, series]}\n"

    def targets(self, port: int) -> list[dict]:
        return [target for pod, address in self._pods.values() for target in _targets(pod, f"{address}:{port}")]

    @contextlib.contextmanager
    def served(self):
        """The port that they all have."""
        pages, paths = self._pages, {address: PATHS[pod.workload] for pod, address in self._pods.values()}

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                address = self.connection.getsockname()[0]
                there = self.path == paths[address]
                self.send_response(200 if there else 404)
                self.end_headers()
                self.wfile.write(pages[address].encode() if there else b"")

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("0.0.0.0", 0), Page) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield server.server_address[1]
            server.shutdown()


def stored(folder: pathlib.Path, monitors: list[dict], pods: Pods) -> dict:
    """What Prometheus makes of each series of each pod, and of the pod itself: (pod, series) and (pod, None) to labels."""
    with pods.served() as port:
        targets = pods.targets(port)
        configs = [scrape_config(monitor, endpoint, targets) for monitor in monitors for endpoint in monitor["spec"]["podMetricsEndpoints"]]
        config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": configs}
        with Prometheus(folder, config) as prometheus:
            prometheus.await_true(lambda: _all_asked(prometheus), "a look at each")
            samples = prometheus.query('{__name__!=""}')
    whose = {number: key for key, number in pods.said.items()}
    found = {}
    for sample in samples:
        name, labels = sample["metric"].pop("__name__"), sample["metric"]
        if name == "up":
            assert sample["value"][1] == "1", f"{labels}: it does not answer there"
            found[labels["pod"], None] = labels
        elif not name.startswith("scrape_"):
            found[whose[int(float(sample["value"][1]))]] = labels
    return found


def _all_asked(prometheus: Prometheus) -> bool:
    targets = prometheus.get("targets", state="active")["activeTargets"]
    return bool(targets) and all(target["health"] != "unknown" for target in targets)
