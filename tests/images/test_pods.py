"""The pods that kustomize renders, played by podman from the images: the four services as Kubernetes would start them."""

import pathlib
import re
import urllib.parse

import pytest
import yaml

from programs import containers
from programs.containers import podman
from programs.kubectl import Unreachable, kubectl
from programs.process import ROOT

OVERLAY = ROOT / "k8s/overlays/dev"
# What podman 4.3 does not know, or needs systemd for. The probes are asked by the test.
LEFT_OUT = ("lifecycle", "startupProbe", "livenessProbe", "readinessProbe")
PROGRAMS = {"registry": "orewatch-registry", "risk": "orewatch-risk", "alerting": "orewatch-alerting", "gateway": "orewatch-gateway"}


def playable(rendered: list) -> list:
    """One pod of the containers of all deployments, each as it is but for LEFT_OUT; names of services lead to the pod itself."""
    deployments = [one for one in rendered if one["kind"] == "Deployment"]
    spec = {"restartPolicy": "Never", "enableServiceLinks": False, "containers": [], "volumes": []}
    for deployment in deployments:
        template = deployment["spec"]["template"]["spec"]
        (container,) = template["containers"]
        mine = container["name"]
        container = {key: value for key, value in container.items() if key not in LEFT_OUT} | {"imagePullPolicy": "Never"}
        for mount in container.get("volumeMounts", []):
            mount["name"] = f"{mine}-{mount['name']}"
        spec["volumes"] += [volume | {"name": f"{mine}-{volume['name']}"} for volume in template.get("volumes", [])]
        spec["containers"].append(container)
        spec["securityContext"] = {key: value for key, value in template["securityContext"].items() if key.startswith("runAs")}
        spec["terminationGracePeriodSeconds"] = template["terminationGracePeriodSeconds"]
    names = [one["metadata"]["name"] for one in rendered if one["kind"] == "Service"]
    spec["hostAliases"] = [{"ip": "127.0.0.1", "hostnames": names}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "orewatch-pods"}, "spec": spec}
    return [one for one in rendered if one["kind"] in ("ConfigMap", "PersistentVolumeClaim")] + [pod]


def clear(volumes: list) -> None:
    """Nothing is left of this run, or of one that was interrupted."""
    containers.run("podman", "pod", "rm", "--force", "--time=0", "orewatch-pods", check=False)
    for volume in volumes:
        containers.run("podman", "volume", "rm", "--force", volume, check=False)


@pytest.fixture(scope="module")
def pods(built, tmp_path_factory):
    try:
        rendered = list(yaml.safe_load_all(containers.run(kubectl(), "kustomize", OVERLAY).stdout))
    except Unreachable as why:
        pytest.skip(str(why))
    for one in rendered:
        if one["kind"] == "Deployment":
            (container,) = one["spec"]["template"]["spec"]["containers"]
            podman("tag", built.name(container["name"]), f"localhost/{container['image']}")
    file = tmp_path_factory.mktemp("pods") / "pods.yaml"
    file.write_text(yaml.safe_dump_all(playable(rendered)))
    volumes = [one["metadata"]["name"] for one in rendered if one["kind"] == "PersistentVolumeClaim"]
    clear(volumes)
    podman("kube", "play", file)
    yield {one["spec"]["template"]["spec"]["containers"][0]["name"]: one for one in rendered if one["kind"] == "Deployment"}
    clear(volumes)


def container(name: str) -> str:
    return f"orewatch-pods-{name}"


def log(name: str) -> str:
    done = containers.run("podman", "logs", container(name))
    return done.stdout + done.stderr


def ctl(built, *arguments):
    addresses = {"": 7100, "registry_": 7101, "risk_": 7102, "alerting_": 7103}
    flags = [f"--{name}address=127.0.0.1:{port}" for name, port in addresses.items()]
    return containers.run("podman", "run", "--rm", "--pod=orewatch-pods", built.name("ctl"), *arguments, *flags, check=False)


def status(name: str, port: int, path: str) -> int:
    """What a probe of the kubelet would see."""
    pid = containers.inspect("container", container(name))["State"]["Pid"]
    url = urllib.parse.urlunsplit(("http", f"127.0.0.1:{port}", path, "", ""))
    done = containers.run("nsenter", f"--target={pid}", "--net", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url, check=False)
    return int(done.stdout or 0)


def test_all_become_ready_by_their_own_probes(pods):
    assert set(pods) >= set(PROGRAMS)
    for name in PROGRAMS:
        (spec,) = pods[name]["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in spec["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = spec[probe]["httpGet"]
            containers.await_true(lambda: status(name, ports[asked["port"]], asked["path"]) == 200, f"{probe} of {name}", lambda: log(name))


def test_they_answer_together(pods, built):
    done = ctl(built, "import", "--atomic", "data")
    assert done.returncode == 0, done.stderr
    containers.await_true(lambda: "Gallium" in ctl(built, "overview").stdout, "the overview", lambda: log("gateway"))


def test_they_run_as_they_were_asked_to(pods):
    for name in PROGRAMS:
        state = containers.inspect("container", container(name))
        text = pathlib.Path(f"/proc/{state['State']['Pid']}/status").read_text()
        assert re.search(r"^Uid:(\s+65532){4}$", text, re.MULTILINE), name
        assert re.search(r"^CapBnd:\s+0+$", text, re.MULTILINE), name
        assert re.search(r"^NoNewPrivs:\s+1$", text, re.MULTILINE), name
        assert state["HostConfig"]["ReadonlyRootfs"], name
        asked = pods[name]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
        size, unit = re.fullmatch(r"(\d+)(Mi|Gi)", asked).groups()
        assert state["HostConfig"]["Memory"] == int(size) << (20 if unit == "Mi" else 30), name


def test_they_stop_within_their_grace(pods):
    grace = pods["registry"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    podman("pod", "stop", f"--time={grace}", "orewatch-pods")
    for name in PROGRAMS:
        assert containers.inspect("container", container(name))["State"]["ExitCode"] == 0, log(name)[-2000:]
