"""The images, built once by the real Dockerfile: from the programs under test, or, with OREWATCH_IMAGES=long, from the sources."""

import os

import pytest

from programs import containers
from programs.process import ROOT

LONG = os.environ.get("OREWATCH_IMAGES") == "long"
SERVERS = {"registry": "orewatch-registry", "risk": "orewatch-risk", "alerting": "orewatch-alerting", "gateway": "orewatch-gateway", "suite": "orewatch"}
IMAGES = {**SERVERS, "ctl": "orewatchctl", "edge": "envoy"}


class Built:
    """Images by their short names, and the tree of files of each."""

    def __init__(self, tag: str, folder, revision: str):
        self.tag = tag
        self.revision = revision
        self._folder = folder

    def name(self, image: str) -> str:
        return f"localhost/orewatch/{image}:{self.tag}"

    def files(self, image: str):
        """The whole file system of an image, unpacked."""
        root = self._folder / image
        if not root.exists():
            container = containers.podman("create", self.name(image))
            archive = self._folder / f"{image}.tar"
            containers.podman("export", "--output", archive, container)
            containers.podman("rm", "--volumes", container)
            root.mkdir()
            containers.run("tar", "-x", "-p", "-C", root, "-f", archive)
        return root


@pytest.fixture(scope="session")
def storage():
    with containers.alone():
        yield


@pytest.fixture(scope="session")
def source(tmp_path_factory, storage) -> list:
    """The arguments that say where programs come from."""
    if LONG:
        return []
    tree = containers.installed_tree(tmp_path_factory.mktemp("stage"))
    (envoy,) = (ROOT / "build/venv/run").glob("lib/python3*/site-packages/envoy/_bin/envoy")
    containers.run("install", "-m", "0755", "-p", envoy, tree / "usr/bin/envoy")
    os.utime(tree / "usr/bin", (0, 0))
    return ["--prebuilt", tree]


@pytest.fixture(scope="session")
def built(tmp_path_factory, source) -> Built:
    environment = {"OREWATCH_SOURCE_URL": "https://example.org/orewatch", "OREWATCH_LICENSES": "Apache-2.0"}
    containers.ENVIRONMENT.update(environment)
    revision = containers.run("git", "-C", ROOT, "rev-parse", "--short=12", "HEAD", check=False).stdout.strip() or "unknown"
    containers.build(IMAGES, "test", *source)
    return Built("test", tmp_path_factory.mktemp("files"), revision)


@pytest.fixture(scope="session")
def stage(built, source) -> str:
    """The image of the stage that the others are copied from: a whole Debian, whose own lists say which version a file is of."""
    containers.build(["stage"], built.tag, *source)
    return built.name("stage")
