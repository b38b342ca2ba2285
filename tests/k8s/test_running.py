"""The overlays, run: Jobs, services and edge, each with the arguments, variables and files that its manifest gives it, as the user and with
the rights of its pod, prod on a real PostgreSQL. What is missing to a cluster is the cluster."""

import contextlib
import json
import os
import pathlib
import re
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

from programs.process import ROOT
from support.autoscaling import adapter_series
from support.database import Database
from support.installation import Installation
from support.manifests import ADMIN_PORTS, SERVICES, Manifests
from support.node import Node, own_network
from support.rendering import render

DESCRIPTORS = pathlib.Path(os.environ.get("OREWATCH_DESCRIPTORS", ROOT / "build/release/orewatch.binpb"))
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give each pod files and a user of its own")


@pytest.fixture(scope="module")
def manifests():
    # The Jobs beside what they come before.
    return Manifests(render("prod") + render("prod/migrate"))


@pytest.fixture(scope="module")
def network():
    with contextlib.ExitStack() as entered:
        try:
            entered.enter_context(own_network())
        except PermissionError as refused:
            pytest.skip(str(refused))
        yield


@pytest.fixture(scope="module")
def node(network, manifests):
    with Node(manifests, Installation(manifests), DESCRIPTORS) as started:
        with Database(started.folder, manifests.of("Cluster")[0], manifests.of("Database"), started.installation):
            yield started


@pytest.fixture(scope="module")
def migrated(node):
    jobs = [workload for workload in node.manifests.workloads if workload.kind == "Job"]
    return [(job, node.run(job), node.run(job)) for job in jobs]


def test_a_role_does_not_get_into_the_database_of_another(node, migrated):
    def connect(role: str, database: str, mode: str = "require") -> subprocess.CompletedProcess:
        command = ["psql", f"host=127.0.0.1 user={role} dbname={database} sslmode={mode}", "--command=SELECT 1"]
        return subprocess.run(command, env=os.environ | {"PGPASSWORD": node.installation.passwords[role]}, capture_output=True, text=True)

    assert connect("risk", "risk").returncode == 0
    for role, database, mode in (("risk", "registry", "require"), ("risk", "postgres", "require"), ("risk", "risk", "disable")):
        assert "pg_hba.conf rejects connection" in connect(role, database, mode).stderr


def test_a_volume_that_does_not_heed_fs_group_keeps_every_pod_from_starting(node, migrated):
    node.heeds_fs_group = False
    try:
        (registry,) = [workload for workload in node.manifests.services if workload.component == "registry"]
        done = node.run(registry)
    finally:
        node.heeds_fs_group = True
    assert done.returncode == 1 and "cannot open the audit log" in done.stderr and "Permission denied" in done.stderr


@pytest.fixture(scope="module")
def running(node, migrated):
    """All Deployments, ready."""
    deployments = sorted(node.manifests.deployments, key=lambda workload: (*SERVICES, "edge").index(workload.component))
    for workload in deployments:
        node.start(workload)
    for workload in deployments:
        node.await_ready(workload)
    return deployments


def test_jobs_make_the_tables_once(migrated):
    assert len(migrated) == 3
    for job, first, second in migrated:
        assert (first.returncode, second.returncode) == (0, 0), f"{job}: {first.stderr}{second.stderr}"
        assert re.fullmatch(r"(registry|risk|alerting): new, schema \d+\n", first.stdout)
        assert re.fullmatch(r"(registry|risk|alerting): schema \d+, nothing to do\n", second.stdout)


def test_everything_becomes_ready_by_its_own_probes(running):
    assert {workload.component for workload in running} == {*SERVICES, "edge"}


def call(node, path: str, token: str | None) -> tuple:
    context = ssl.create_default_context(cadata=node.installation.authority.pem.decode())
    # The name of the certificate; who is called by another adds it there.
    context.check_hostname = False
    request = urllib.request.Request(f"https://127.0.0.1:8080{path}", headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_a_fact_that_is_imported_is_told_at_the_edge(node, running):
    done = node.ctl("import", "--atomic", ROOT / "data")
    assert done.returncode == 0, done.stderr
    token = node.installation.token(node.manifests.flags(running[0]))
    answers = []

    def whole() -> bool:
        answers[:] = [call(node, "/gateway/v1/overview", token)]
        return answers[0][0] == 200 and "minerals" in json.dumps(answers[0][1])

    node.await_true(whole, "orewatch-gateway")
    assert call(node, "/gateway/v1/overview", None)[0] == 401


def test_each_pod_keeps_its_own_audit_log(node, running):
    node.await_true(lambda: any((node.folder / "volumes/orewatch-audit").iterdir()), "orewatch-registry")
    kept = [file.name for file in (node.folder / "volumes/orewatch-audit").iterdir() if file.suffix == ".jsonl"]
    assert sorted(re.sub(r"-[^-]*$", "", name) for name in kept) == sorted(f"orewatch-{name}" for name in SERVICES)


def test_who_shows_no_certificate_is_not_heard(node, running):
    done = node.ctl("overview", shows_certificate=False)
    assert done.returncode == 1, done.stdout
    assert node.ctl("overview").returncode == 0


def test_metrics_of_the_autoscalers_are_exposed(node, running):
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in node.manifests.of("HorizontalPodAutoscaler")}
    for workload in running:
        if workload.name in scaled:
            with urllib.request.urlopen(f"http://127.0.0.1:{ADMIN_PORTS[workload.component]}/metrics", timeout=10) as answer:
                page = answer.read().decode()
            for series in adapter_series().values():
                assert re.search(rf"^{series}[{{ ]", page, re.MULTILINE), f"{workload}: no {series}"


def test_every_service_of_prod_ends_well_within_its_grace(node, running):
    for workload in reversed(running):
        if workload.component in SERVICES:
            assert node.terminate(workload) == 0, node.log(workload.name)


def test_dev_keeps_on_its_volumes_what_it_has(network):
    manifests = Manifests(render("dev"))
    with Node(manifests, Installation(manifests), DESCRIPTORS) as node:
        for workload in manifests.deployments:
            node.start(workload)
        for workload in manifests.deployments:
            node.await_ready(workload)
        files = {str(file.relative_to(node.folder)) for file in (node.folder / "volumes").rglob("*.db")}
        assert files == {f"volumes/orewatch-{name}/{name}.db" for name in ("registry", "risk", "alerting")}
        (registry,) = [workload for workload in manifests.deployments if workload.component == "registry"]
        assert node.terminate(registry) == 0
        node.start(registry)
        node.await_ready(registry)
        for workload in manifests.deployments:
            assert node.terminate(workload) == 0, node.log(workload.name)
