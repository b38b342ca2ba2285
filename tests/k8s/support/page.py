"""docs/operations/kubernetes.md, taken apart: what it tells people to write, and to run. So of what disaster_recovery.md has for Kubernetes."""

import os
import pathlib
import re
import subprocess
import sys

from support.rendering import K8S

PAGE = (K8S.parent / "docs/operations/kubernetes.md").read_text()
DISASTER = (K8S.parent / "docs/operations/disaster_recovery.md").read_text()
CAPACITY = (K8S.parent / "docs/operations/capacity.md").read_text()
# Where each of the page's first files goes, in its order; what is patched into one of them comes later.
FILES = ("kustomization.yaml", "images/kustomization.yaml", "migrate/kustomization.yaml")


def blocks(language: str, page: str = PAGE) -> list:
    """The blocks of code in a language, each without the indentation of the list that it stands in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indentation) for line in text.splitlines()) + "\n" for indentation, text in found]


def block(title: str, page: str = PAGE) -> str:
    (text,) = blocks(title, page)
    return text


def yaml_block(starts: str) -> str:
    (text,) = [one for one in blocks("yaml") if one.startswith(starts)]
    return text


def make_site(folder: pathlib.Path) -> pathlib.Path:
    """The folder of an installation, beside a checkout, as the page makes it."""
    site = folder / "site"
    (folder / "orewatch").symlink_to(K8S.parent)
    site.mkdir()
    (site / "generate").write_text(block("sh generate"))
    # Debian's Python has what it needs, as the page says; here it is the one that runs this.
    done = subprocess.run(["sh", "site/generate"], cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    texts = dict(zip(FILES, blocks("yaml"), strict=False))
    texts["audit/kustomization.yaml"] = texts["migrate/kustomization.yaml"].replace("prod/migrate", "prod/audit")
    texts["restore/kustomization.yaml"] = yaml_block("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../orewatch/k8s/overlays/prod/restore")
    for name, text in texts.items():
        write(site / name, text)
    return site


def write(file: pathlib.Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    # kustomize follows no link out of where it is.
    file.write_text(re.sub(r"(\.\./)+orewatch/k8s", os.path.relpath(K8S, file.parent), text))


def environment(folder: pathlib.Path) -> dict:
    """In which commands find this Python as python3, and what else is in `folder`/bin."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    python = bin_folder / "python3"
    if not python.exists():
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
    return {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
