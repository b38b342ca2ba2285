"""Commands of a page of the documentation, run as they are written there."""

import os
import pathlib
import re
import subprocess
import textwrap

from programs.process import ROOT

FENCE = re.compile(r"^( *)```\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


class Page:
    """Of an installation by the package: its user is ours. `places`: where the folders that it names are here, by their names; `environment`: what its
    commands have beside ours; `folder`: where they are typed."""

    def __init__(self, name: str, places: dict, environment: dict | None = None, folder: pathlib.Path | None = None):
        self._blocks = [textwrap.dedent(block) for _, block in FENCE.findall((ROOT / "docs" / name).read_text())]
        self._places = places
        self._environment = environment or {}
        self._folder = folder

    def run(self, *words: str, instead: tuple[str, str] | None = None) -> str:
        """The one block that has all of these words; `instead`: what is typed for one thing another."""
        (block,) = [block for block in self._blocks if all(word in block for word in words)]
        if instead:
            assert instead[0] in block
            block = block.replace(*instead)
        for written, here in self._places.items():
            block = re.sub(rf"{written}(?=[/\s])", str(here), block)
        block = block.replace("runuser -u orewatch -- ", "").replace("-o orewatch -g orewatch", '-o "$(id -un)" -g "$(id -gn)"')
        done = subprocess.run(["bash", "-euc", block], env=os.environ | self._environment, cwd=self._folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        return done.stdout
