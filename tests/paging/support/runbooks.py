"""Runbooks: their sections, and the commands in them."""

import dataclasses
import pathlib
import re
import subprocess

from programs.process import ROOT

FOLDER = ROOT / "docs/runbooks"
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Clears"]
FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Command:
    runbook: str
    # What stands behind the fence: `sh run`, `sh look` or `sh change`.
    kind: str
    text: str

    def run(self, environment: dict, prelude: str = "") -> subprocess.CompletedProcess:
        """As somebody would who has pasted it into bash."""
        script = f"set -o pipefail\n{prelude}\n{self.text}\n"
        return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


class Runbook:
    def __init__(self, path: pathlib.Path):
        self.name = path.stem
        self.text = path.read_text()
        self.sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", self.text, re.MULTILINE))

    def commands(self, *kinds: str, section: str | None = None) -> list[Command]:
        """A line is a command; one that ends in a backslash goes on in the next."""
        text = self.text if section is None else self.sections[section]
        blocks = [(kind.strip(), body) for kind, body in FENCE.findall(text) if not kinds or kind.strip() in kinds]
        return [Command(self.name, kind, line) for kind, body in blocks for line in body.replace("\\\n", " ").splitlines() if line.strip()]


def all_of_them() -> list[Runbook]:
    return [Runbook(path) for path in sorted(FOLDER.glob("*.md"))]


def of(alert: str) -> Runbook:
    return Runbook(FOLDER / f"{alert}.md")
