"""Every overlay as it is rendered, against the schemas of the API server and the operators, and against our own rules."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from support.checks import all_checks, failures
from support.manifests import Manifests
from support.rendering import K8S, OVERLAYS, render, render_folder
from support.schemas import KUBERNETES, problems


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_schemas(overlay, version):
    documents = render(overlay)
    assert documents
    assert [problem for document in documents for problem in problems(document, version)] == []


@pytest.mark.parametrize(("overlay", "name"), [(overlay, one.name) for one in all_checks().values() for overlay in one.overlays if overlay in OVERLAYS])
def test_check(overlay, name):
    assert list(all_checks()[name].problems(Manifests(render(overlay)))) == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")
def test_prometheus_understands_the_rules(tmp_path):
    (rules,) = Manifests(render("prod")).of("PrometheusRule")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    done = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif("OREWATCH_SITE" not in os.environ, reason="OREWATCH_SITE names no folder with an overlay of an installation")
def test_a_site_keeps_to_the_rules_of_prod():
    documents = render_folder(pathlib.Path(os.environ["OREWATCH_SITE"]).resolve())
    assert [problem for document in documents for problem in problems(document, KUBERNETES[0])] == []
    assert failures("prod", Manifests(documents)) == {}


@pytest.mark.parametrize("overlay", ("dev", "prod", "prod/migrate"))
def test_images_are_of_the_version_that_is_built(overlay):
    (version,) = re.findall(r"^project\(orewatch VERSION ([0-9.]+)", (K8S.parent / "CMakeLists.txt").read_text(), re.MULTILINE)
    images = {workload.container["image"] for workload in Manifests(render(overlay)).workloads}
    assert {image.rpartition(":")[2] for image in images} == {version}


def test_jobs_migrate_the_databases_that_the_services_use():
    services = Manifests(render("prod"))
    jobs = Manifests(render("prod/migrate"))
    for job in jobs.workloads:
        name = job.container["image"].partition("/")[2].partition(":")[0]
        (service,) = [workload for workload in services.services if workload.component == name]
        assert jobs.flags(job)["database"] == services.flags(service)["database"]
        assert jobs.environment(job)["PGSERVICEFILE"] == services.environment(service)["PGSERVICEFILE"]
