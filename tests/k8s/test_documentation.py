"""What docs/operations/kubernetes.md tells people to write does what it says; test_procedures.py runs its commands."""

import os
import re
import shutil

import pytest
import yaml

from support.checks import failures
from support.manifests import DATABASES, Manifests, mebibytes
from support.page import CAPACITY, PAGE, blocks, make_site, yaml_block
from support.rendering import K8S, render, render_folder
from support.schemas import KUBERNETES, problems


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of an installation, as the page makes it."""
    return make_site(tmp_path_factory.mktemp("installation"))


def test_the_overlay_of_an_installation_says_what_is_its_own(site):
    mine = Manifests(render_folder(site))
    for workload in mine.services:
        assert mine.flags(workload)["jwt_issuer"] == "https://login.example.org"
        assert workload.container["image"].startswith("registry.example.org/")
    assert "orewatch.example.org" in mine.find("Certificate", "orewatch-edge")["spec"]["dnsNames"]
    assert mine.find("NetworkPolicy", "postgres-to-api-server")["spec"]["egress"][0]["to"] == [{"ipBlock": {"cidr": "10.0.0.1/32"}}]
    assert mine.find("ObjectStore", "orewatch-postgres")["spec"]["configuration"]["endpointURL"] == "https://s3.example.org"
    assert mine.find("PersistentVolumeClaim", "orewatch-audit")["spec"]["storageClassName"] == "shared"
    (edge,) = [one for one in mine.of("ConfigMap") if one["metadata"]["name"].startswith("orewatch-edge-")]
    assert "https://login.example.org" in edge["data"]["envoy.yaml"]
    assert "example.internal" not in str(mine.of("PrometheusRule"))
    assert "https://docs.example.org/runbooks/OrewatchTargetDown.md" in str(mine.of("PrometheusRule"))


def test_the_overlay_of_an_installation_keeps_to_the_rules(site):
    documents = render_folder(site)
    assert [problem for document in documents for problem in problems(document, KUBERNETES[0])] == []
    assert failures("prod", Manifests(documents)) == {}


def test_the_jobs_of_an_installation_come_from_where_its_services_come_from(site):
    jobs = Manifests(render_folder(site / "migrate"))
    assert failures("prod/migrate", jobs) == {}
    services = {workload.component: workload.container["image"] for workload in Manifests(render_folder(site)).services}
    assert {workload.container["image"] for workload in jobs.workloads} == {services[name] for name in DATABASES}


def test_a_restore_is_from_what_was_archived_and_archives_apart(site, tmp_path):
    restored = tmp_path / "site"
    shutil.copytree(site, restored)
    kustomization = yaml.safe_load((restored / "kustomization.yaml").read_text().replace(os.path.relpath(K8S, site), os.path.relpath(K8S, restored)))
    patch = yaml_block("target: {kind: Cluster")
    kustomization["patches"].append(yaml.safe_load(patch))
    (restored / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    mine = Manifests(render_folder(restored))
    cluster = mine.find("Cluster", "orewatch-postgres")
    assert problems(cluster, KUBERNETES[0]) == []
    (before,) = cluster["spec"]["externalClusters"]
    assert cluster["spec"]["bootstrap"]["recovery"]["source"] == before["name"]
    archived = Manifests(render_folder(site)).find("Cluster", "orewatch-postgres")["spec"]["plugins"][0]["parameters"]
    assert before["plugin"]["parameters"] == archived
    assert cluster["spec"]["plugins"][0]["parameters"]["serverName"] != archived["serverName"]
    assert failures("prod", mine) == {}


def test_what_a_service_is_made_of_goes_with_it():
    """An upgrade applies it by this label."""
    mine = Manifests(render("prod"))
    for workload in mine.deployments:
        sources = [volume["configMap"]["name"] for volume in workload.pod["volumes"] if "configMap" in volume]
        sources += [source["configMapRef"]["name"] for source in workload.container.get("envFrom", [])]
        generated = [config for name in sources if (config := mine.find("ConfigMap", name)) and name != "orewatch-access"]
        assert generated
        for document in [*generated, *(one for one in mine.documents if one["metadata"]["name"] == workload.name and one["kind"] not in ("Database", "PodMonitor"))]:
            assert document["metadata"]["labels"]["app.kubernetes.io/component"] == workload.component, document["metadata"]["name"]


# The Kubernetes page's words for what a formula of the capacity page is about.
ABOUT = {"risk that is started, and follows changes": "memory of risk, loaded", "risk that follows an import of many revisions": "memory of risk while it follows an import of many revisions"}
SPARE = 0.9


def capacity_of(formula: str, limit: str) -> int:
    """Links for which a limit of memory is enough, with some to spare; a multiple of 10,000."""
    ((least, each),) = re.findall(rf"^\| {formula} \| ([0-9.]+) GB \+ ([0-9.]+) GB x L \|$", CAPACITY, re.MULTILINE)
    millions = (mebibytes(limit) * 2**20 / 1e9 * SPARE - float(least)) / float(each)
    return int(millions * 100) * 10_000


def test_limits_of_memory_are_enough_for_what_is_said():
    rows = dict(re.findall(r"^\| ([^|]+) \| ([0-9]+[MG]i \| [^|]+) \|$", PAGE, re.MULTILINE))
    limits = {workload.component: workload.container["resources"]["limits"]["memory"] for workload in Manifests(render("prod")).services}
    for name, row in rows.items():
        limit, said = row.split(" | ")
        assert limit == limits[name.split()[0]], name
        if name in ABOUT:
            assert said == f"{capacity_of(ABOUT[name], limit):,} links", name
    assert {name.split()[0] for name in rows} == set(limits)
    # What the others take does not grow with the links.
    gigabytes = {name: mebibytes(limits[name]) * 2**20 / 1e9 * SPARE for name in limits}
    (registry,) = re.findall(r"up to ([0-9.]+) GB while it imports", CAPACITY)
    assert float(registry) <= gigabytes["registry"]
    assert "| memory of alerting | 0.1 GB; plan 1 GB at 100,000 scores and 100 rules |" in CAPACITY
    (cache,) = re.findall(r"`--gateway_cache_bytes` of ([0-9]+) MB", PAGE)
    assert 0.05 + 2 * int(cache) / 1000 <= gigabytes["gateway"]


def test_postgresql_is_of_one_minor_version():
    (compose,) = re.findall(r"image: postgres:([0-9.]+)", (K8S.parent / "deploy/compose.yaml").read_text())
    clusters = [one for overlay in ("prod", "prod/restore") for one in Manifests(render(overlay)).of("Cluster")]
    assert {re.search(r":([0-9.]+)", one["spec"]["imageName"])[1] for one in clusters} == {compose}


def test_a_second_cluster_can_take_what_the_first_has_archived():
    (first,) = Manifests(render("prod")).of("Cluster")
    (second,) = Manifests(render("prod/restore")).of("Cluster")
    assert problems(second, KUBERNETES[0]) == []
    for field in ("imageName", "storage", "walStorage", "resources", "enableSuperuserAccess"):
        assert second["spec"][field] == first["spec"][field], field
    assert second["spec"]["postgresql"]["parameters"] == first["spec"]["postgresql"]["parameters"]
    # It only reads there.
    assert "plugins" not in second["spec"]
    (source,) = [one["plugin"] for one in second["spec"]["externalClusters"] if one["name"] == second["spec"]["bootstrap"]["recovery"]["source"]]
    (archiver,) = first["spec"]["plugins"]
    assert source == {"name": archiver["name"], "parameters": archiver["parameters"]}


def test_the_second_cluster_of_an_installation_is_of_a_moment(site):
    (second,) = Manifests(render_folder(site / "restore")).of("Cluster")
    assert problems(second, KUBERNETES[0]) == []
    assert second["spec"]["bootstrap"]["recovery"]["recoveryTarget"]


def test_the_pod_for_the_audit_log_may_no_more_than_others(site):
    mine = Manifests(render_folder(site / "audit"))
    assert [problem for document in mine.documents for problem in problems(document, KUBERNETES[0])] == []
    (pod,) = mine.workloads
    assert pod.container["image"] == "registry.example.org/debian:12-slim"
    assert failures("prod/audit", mine) == {}
    # It is the owner of the files, and ends.
    service = next(one for one in Manifests(render("prod")).services)
    assert pod.pod["securityContext"] == service.pod["securityContext"]
    assert pod.pod["volumes"] == [one for one in service.pod["volumes"] if one["name"] == "audit"]
    assert pod.pod["activeDeadlineSeconds"] <= 3600 and pod.pod["restartPolicy"] == "Never"


@pytest.mark.parametrize("page", ["../adr/0018-kubernetes-by-kustomize-components.md", "../operations.md"])
def test_links_lead_somewhere(page):
    assert f"({page}" in PAGE
    assert (K8S.parent / "docs/operations" / page).is_file()
