"""What the manifests tell our programs, asked of the programs."""

import copy
import re
import subprocess
import sys

import pytest

from support.autoscaling import adapter_series
from support.manifests import Manifests
from support.programs import misunderstood
from support.rendering import K8S, OVERLAYS, render


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_flag_exists_and_has_a_value_that_can_be(overlay):
    assert list(misunderstood(Manifests(render(overlay)))) == []


def _planted(change) -> list:
    documents = copy.deepcopy(render("prod"))
    manifests = Manifests(documents)
    change(next(one for one in documents if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("orewatch-risk-"))["data"], manifests)
    return list(misunderstood(manifests))


def test_a_flag_with_a_typo_is_found():
    def typo(settings, _):
        settings["OREWATCH_UPSTRAEM_CA"] = settings.pop("OREWATCH_UPSTREAM_CA")

    assert _planted(typo) == ["Deployment/orewatch-risk: orewatch-risk has no flag --upstraem_ca"]


def test_a_value_that_cannot_be_is_found():
    def value(_, manifests):
        next(one for one in manifests.deployments if one.component == "risk").container["args"].append("--drain_timeout=20")

    (problem,) = _planted(value)
    assert "drain_timeout" in problem


def test_the_edge_is_generated_from_what_is_in_the_tree(tmp_path):
    """So are the rules, the dashboards and the default rules: k8s/generate makes what is committed."""
    done = subprocess.run([sys.executable, K8S / "generate", "--out", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    for path, text in made.items():
        assert (K8S / path).read_text() == text, f"{path} is out of date: run k8s/generate"
    committed = {file.relative_to(K8S) for folder in K8S.glob("components/*/generated") for file in folder.iterdir()}
    assert committed <= set(made)


def test_every_metric_of_an_autoscaler_is_served_by_the_adapter_and_documented():
    wanted = {
        metric["pods"]["metric"]["name"]
        for scaler in Manifests(render("prod")).of("HorizontalPodAutoscaler")
        for metric in scaler["spec"]["metrics"]
    }
    served = adapter_series()
    assert wanted == set(served)
    families = set(re.findall(r"^\| `([a-z0-9_]+)`", (K8S.parent / "docs/metrics.md").read_text(), re.MULTILINE))
    assert {series.removesuffix("_bucket") for series in served.values()} <= families
