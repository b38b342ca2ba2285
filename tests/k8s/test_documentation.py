"""What docs/operations/kubernetes.md tells people to write and to run does what it says."""

import base64
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from programs.kubectl import kubectl
from support import access, durability, monitoring, network, pods, rollout, wiring  # noqa: F401: they bring the checks
from support.checks import failures
from support.manifests import DATABASES, Manifests
from support.rendering import K8S, render, render_folder
from support.schemas import KUBERNETES, problems
from support.wiring import BY_INSTALLATION

PAGE = (K8S.parent / "docs/operations/kubernetes.md").read_text()


def blocks(language: str) -> list:
    """The blocks of code in a language, each without the indentation of the list that it stands in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indentation) for line in text.splitlines()) + "\n" for indentation, text in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of an installation, as the page makes it."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "orewatch").symlink_to(K8S.parent)
    (command,) = re.findall(r"`orewatch/(k8s/generate --out site/generated [^`]*)`", PAGE)
    done = subprocess.run([sys.executable, *command.split()[:1], *command.replace("site/", f"{folder}/site/").split()[1:]], cwd=K8S.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for path, text in zip(("", "images", "migrate"), blocks("yaml")[:3], strict=True):
        (folder / "site" / path).mkdir(exist_ok=True)
        # kustomize follows no link out of where it is.
        (folder / "site" / path / "kustomization.yaml").write_text(re.sub(r"(\.\./)+orewatch/k8s", os.path.relpath(K8S, folder / "site" / path), text))
    return folder / "site"


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
    (patch,) = blocks("yaml")[3:]
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


def test_an_upgrade_is_of_the_site(site):
    (upgrade,) = blocks("bash upgrade")
    applied = re.findall(r"apply --server-side -k (\S+)", upgrade)
    assert applied == ["site/migrate", "site"]
    version = {workload.labels["app.kubernetes.io/version"] for workload in Manifests(render_folder(site / "migrate")).workloads}
    assert version == set(re.findall(r"app.kubernetes.io/version=([0-9.]+)", upgrade))
    # What of it can be asked without a cluster: is it said as kubectl takes it?
    told = subprocess.run(["bash", "-euc", f'kubectl() {{ "{kubectl()}" "$@" --server=http://127.0.0.1:9; }}\n' + upgrade], capture_output=True, text=True, cwd=site.parent)
    assert "refused" in told.stderr and "unknown flag" not in told.stderr, told.stderr


def test_the_secrets_of_an_installation_are_what_the_manifests_mount(tmp_path):
    (tmp_path / "keys.json").write_text('{"keys": []}')
    for name in ("access-key-id", "secret-access-key"):
        (tmp_path / name).write_text(name)
    dry = f'kubectl() {{ "{kubectl()}" "$@" --dry-run=client --output=yaml; echo ---; }}\n'
    done = subprocess.run(["bash", "-euc", dry + blocks("bash")[0]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout) if one}
    for kind, names in BY_INSTALLATION.items():
        assert {name for made_kind, name in made if made_kind == kind} == names
    for service in ("registry", "risk", "alerting"):
        secret = made["Secret", f"orewatch-postgres-{service}"]
        assert secret["type"] == "kubernetes.io/basic-auth"
        held = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        assert re.fullmatch("[0-9a-f]{48}", held["password"])
        assert held == {"username": service, "password": held["password"], "pg_service.conf": f"[{service}]\npassword={held['password']}\n"}
    for workload in Manifests(render("prod")).deployments:
        for volume in workload.pod.get("volumes", []):
            secret = made.get(("Secret", volume.get("secret", {}).get("secretName", "")))
            if secret:
                assert {item["key"] for item in volume["secret"]["items"]} <= set(secret["data"])


@pytest.mark.parametrize("page", ["../adr/0018-kubernetes-by-kustomize-components.md", "../operations.md"])
def test_links_lead_somewhere(page):
    assert f"({page}" in PAGE
    assert (K8S.parent / "docs/operations" / page).is_file()
