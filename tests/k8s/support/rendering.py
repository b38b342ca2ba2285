"""The overlays as kustomize renders them."""

import functools
import subprocess

import yaml

from programs.kubectl import kubectl
from programs.process import ROOT

K8S = ROOT / "k8s"
OVERLAYS = ("dev", "prod", "prod/migrate")


@functools.cache
def rendered_text(overlay: str) -> str:
    done = subprocess.run([kubectl(), "kustomize", K8S / "overlays" / overlay], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, f"kustomize warns: {done.stderr}"
    return done.stdout


def render(overlay: str) -> list:
    """The objects, anew each time: a test may change them."""
    return list(yaml.load_all(rendered_text(overlay), Loader=yaml.CSafeLoader))
