"""What docs/operations/kubernetes.md tells people to write and to run does what it says."""

import base64
import os
import re
import subprocess

import pytest
import yaml

from programs.kubectl import kubectl
from support.manifests import Manifests
from support.rendering import K8S, render
from support.wiring import BY_INSTALLATION

PAGE = (K8S.parent / "docs/operations/kubernetes.md").read_text()


def block(language: str) -> str:
    """The one block of code in a language, without the indentation of the list that it stands in."""
    ((indentation, text),) = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return "\n".join(line.removeprefix(indentation) for line in text.splitlines()) + "\n"


def test_the_overlay_of_an_installation_renders(tmp_path):
    generated = tmp_path / "site/generated/components/edge/generated"
    generated.mkdir(parents=True)
    (generated / "envoy.yaml").write_text("made: for the site\n")
    text = block("yaml").replace("../orewatch/k8s", os.path.relpath(K8S, tmp_path / "site"))
    (tmp_path / "site/kustomization.yaml").write_text(text)
    done = subprocess.run([kubectl(), "kustomize", tmp_path / "site"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    mine = Manifests(list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader)))
    for workload in mine.services:
        assert mine.flags(workload)["jwt_issuer"] == "https://login.example.org"
        assert workload.container["image"].startswith("registry.example.org/") == (workload.component == "registry")
    assert "orewatch.example.org" in mine.find("Certificate", "orewatch-edge")["spec"]["dnsNames"]
    assert mine.find("NetworkPolicy", "postgres-to-api-server")["spec"]["egress"][0]["to"] == [{"ipBlock": {"cidr": "10.0.0.1/32"}}]
    (edge,) = [one for one in mine.of("ConfigMap") if one["metadata"]["name"].startswith("orewatch-edge-")]
    assert edge["data"]["envoy.yaml"] == "made: for the site\n"
    assert set(edge["data"]) == {"edge.yaml", "envoy.yaml", "upstream.yaml", "upstream_ca.yaml"}


def test_the_secrets_of_an_installation_are_what_the_manifests_mount(tmp_path):
    (tmp_path / "keys.json").write_text('{"keys": []}')
    dry = f'kubectl() {{ "{kubectl()}" "$@" --dry-run=client --output=yaml; echo ---; }}\n'
    done = subprocess.run(["bash", "-euc", dry + block("bash")], cwd=tmp_path, capture_output=True, text=True)
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
