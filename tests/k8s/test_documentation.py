"""What docs/operations/kubernetes.md tells people to write does what it says; test_procedures.py runs its commands."""

import os
import re
import shutil

import pytest
import yaml

from support import access, durability, monitoring, network, pods, rollout, wiring  # noqa: F401: they bring the checks
from support.checks import CHECKS, failures
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
    assert set(failures("prod", mine)) <= BEGUN_ANEW


# Of a Cluster that is restored nobody says with what it is begun.
BEGUN_ANEW = {"database-of-least-privilege", "databases-are-kept", "references"}


@pytest.mark.parametrize("page", ["../adr/0018-kubernetes-by-kustomize-components.md", "../operations.md"])
def test_links_lead_somewhere(page):
    assert f"({page}" in PAGE
    assert (K8S.parent / "docs/operations" / page).is_file()
