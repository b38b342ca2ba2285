"""The overlays as kustomize renders them."""

import functools
import pathlib
import subprocess

import yaml

from programs.kubectl import kubectl
from programs.process import ROOT

K8S = ROOT / "k8s"
OVERLAYS = tuple(name for name in ("dev", "prod", "prod/migrate", "prod/audit", "prod/restore") if (K8S / "overlays" / name).is_dir())


class AsKubernetes(yaml.CSafeLoader):
    """To the API server a moment is a text."""


AsKubernetes.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@functools.cache
def rendered_text(folder: pathlib.Path) -> str:
    done = subprocess.run([kubectl(), "kustomize", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, f"kustomize warns: {done.stderr}"
    return done.stdout


def render_folder(folder: pathlib.Path) -> list:
    """The objects, anew each time: a test may change them."""
    return list(yaml.load_all(rendered_text(folder), Loader=AsKubernetes))


def render(overlay: str) -> list:
    return render_folder(K8S / "overlays" / overlay)
