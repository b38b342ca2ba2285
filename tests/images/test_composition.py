"""deploy/compose.yaml, started: as it stands, by podman-compose, with PostgreSQL, Prometheus and Alertmanager from Debian. Grafana is not in Debian."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
import yaml

from conftest import SERVERS
from programs import containers
from programs.containers import podman
from programs.process import ROOT

HERE = pathlib.Path(__file__).parent
OURS = ("registry", "risk", "alerting", "gateway")
NEIGHBOURS = ("postgres", "prometheus", "alertmanager")
# Beside it, and for the test alone: a machine that is a container itself may allow less than podman sets for all that is not said.
LIMITS = "limits.yaml"
SERVICES = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]


def container(name: str) -> str:
    return f"orewatch_{name}_1"


def log(name: str) -> str:
    done = containers.run("podman", "logs", "--tail=50", container(name), check=False)
    return done.stdout + done.stderr


def compose(folder: pathlib.Path, *arguments, **more) -> subprocess.CompletedProcess:
    # As docker has it, /run is read-only too.
    options = ["--in-pod=false", "--profile=ctl", "--podman-run-args=--read-only-tmpfs=false"]
    options += [f"-f={folder / 'deploy' / file}" for file in ("compose.yaml", LIMITS)]
    return containers.run(sys.executable, "-m", "podman_compose", *options, *arguments, **more)


def take_neighbours() -> None:
    for name in NEIGHBOURS:
        image = f"docker.io/{'library/' if '/' not in SERVICES[name]['image'] else ''}{SERVICES[name]['image']}"
        containers.run("buildah", "build", "--layers", f"--build-arg=BASE={containers.debian()}", f"--target={name}", "-t", image, HERE / "neighbours")


def await_healthy(name: str) -> None:
    """Asks as an engine would; podman wants systemd to do it by itself."""
    asked = ("podman", "healthcheck", "run", container(name))
    containers.await_true(lambda: containers.run(*asked, check=False).returncode == 0, f"health of {name}", lambda: log(name))


def start(folder: pathlib.Path, *names: str) -> None:
    compose(folder, "up", "--detach", "--no-deps", *names)
    for name in names:
        if "healthcheck" in SERVICES[name]:
            await_healthy(name)


@pytest.fixture(scope="module")
def composition(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("composition")
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("generated"))
    # As a clone has them, whatever the mask of who made this one.
    containers.run("chmod", "-R", "a+rX", folder)
    containers.run(ROOT / "deploy/compose/setup", "--out", folder / "deploy/compose/generated")
    limits = {name: {"ulimits": {"nofile": 4096, "nproc": 4096} | service.get("ulimits", {})} for name, service in SERVICES.items()}
    (folder / "deploy" / LIMITS).write_text(yaml.safe_dump({"services": limits}))
    take_neighbours()
    for name in (*OURS, "edge", "ctl"):
        podman("tag", built.name(name), f"localhost/{SERVICES[name]['image']}")
    try:
        start(folder, "postgres")
        start(folder, *OURS)
        start(folder, "edge", "alertmanager", "prometheus")
        yield folder
    finally:
        compose(folder, "down", "--volumes", check=False)


def ctl(folder: pathlib.Path, *arguments) -> subprocess.CompletedProcess:
    return compose(folder, "run", "--rm", "--no-deps", "-T", "ctl", *arguments, check=False)


def query(text: str) -> list:
    with urllib.request.urlopen(f"http://127.0.0.1:9090/api/v1/query?query={text}", timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def test_the_client_is_answered(composition):
    done = ctl(composition, "import", "--atomic", "data")
    assert done.returncode == 0, done.stderr[-2000:]
    containers.await_true(lambda: "Gallium" in ctl(composition, "overview").stdout, "the overview", lambda: log("gateway"))


def test_who_brings_no_key_is_refused_at_the_edge(composition):
    done = containers.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8080/gateway/v1/overview", check=False)
    assert done.stdout == "401", log("edge")


def test_all_run_as_they_were_asked_to(composition):
    for name in (*OURS, *NEIGHBOURS, "edge"):
        state = containers.inspect("container", container(name))
        text = pathlib.Path(f"/proc/{state['State']['Pid']}/status").read_text()
        assert re.search(rf"^Uid:(\s+{SERVICES[name]['user'].split(':')[0]}){{4}}$", text, re.MULTILINE), name
        assert re.search(r"^CapBnd:\s+0+$", text, re.MULTILINE), name
        assert re.search(r"^NoNewPrivs:\s+1$", text, re.MULTILINE), name
        assert state["HostConfig"]["ReadonlyRootfs"], name
        assert state["HostConfig"]["Memory"] > 0, name


def test_data_is_in_the_database_of_its_role(composition):
    query = "select count(*) from pg_tables where schemaname = 'public' and tableowner = current_database()"
    for name in ("registry", "risk", "alerting"):
        assert int(podman("exec", container("postgres"), "psql", "-U", "postgres", "-At", "-d", name, "-c", query)) > 0, name
    # And of no other.
    password = (composition / "deploy/compose/generated/risk_password").read_text()
    elsewhere = ("psql", f"postgresql://risk:{password}@127.0.0.1/registry", "-c", "select 1")
    done = containers.run("podman", "exec", container("postgres"), *elsewhere, check=False)
    assert done.returncode != 0 and "permission denied for database" in done.stderr


def test_changes_are_in_the_audit_log(composition):
    file = pathlib.Path(containers.inspect("volume", "orewatch_registry")["Mountpoint"]) / "audit.log"
    assert '"operator"' in file.read_text()


def test_prometheus_sees_them_all(composition):
    jobs = {f"orewatch-{name}" for name in OURS}
    seen = lambda: {one["metric"]["job"] for one in query("up") if one["value"][1] == "1"}  # noqa: E731
    containers.await_true(lambda: jobs <= seen(), "all targets", lambda: str(query("up")))


def test_networks_keep_apart(composition):
    """Names lead only to who is on a network of one's own."""
    lookup = lambda name: containers.run("podman", "exec", container("prometheus"), "getent", "hosts", name, check=False).returncode  # noqa: E731
    assert lookup("registry") == 0
    assert lookup("postgres") != 0
    assert lookup("edge") == 0  # both reach the front


def test_a_stop_drains(composition):
    for name in OURS:
        grace = SERVICES[name]["stop_grace_period"].rstrip("s")
        podman("stop", f"--time={grace}", container(name))
        assert containers.inspect("container", container(name))["State"]["ExitCode"] == 0, log(name)
        assert f"/usr/bin/{SERVERS[name]}" in SERVICES[name]["healthcheck"]["test"]
