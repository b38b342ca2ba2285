"""The rules of deploy/mixin, as they are shipped or with hours made seconds."""

import contextlib
import hashlib
import pathlib
import re
import subprocess
import tempfile

import yaml

from programs.process import ROOT

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> float:
    """Of a duration as Prometheus writes them, such as 1h30m."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", duration))


def written(duration_s: float) -> str:
    """For people, such as 1 h 2 min."""
    hours, minutes, rest = int(duration_s) // 3600, int(duration_s) // 60 % 60, int(duration_s) % 60
    return " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if number)


MIXIN = ROOT / "deploy/mixin"
LEAST_WINDOW_MS = 4000


def rendered(time_scale: int) -> pathlib.Path:
    """The folder with the rules. Rendering takes seconds of CPU, so it is done once for each state of the source."""
    if time_scale == 1:
        return ROOT / "deploy"
    digest = hashlib.sha256()
    for file in sorted(path for path in MIXIN.rglob("*") if path.is_file()):
        digest.update(file.read_bytes())
    folder = ROOT / f"build/paging/{time_scale}-{digest.hexdigest()[:16]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
        subprocess.run([MIXIN / "render", "--time_scale", str(time_scale), "--out", str(part)], check=True, stdout=subprocess.DEVNULL)
        # Another test may have been faster.
        with contextlib.suppress(OSError):
            part.rename(folder)
    return folder


class Rules:
    def __init__(self, time_scale: int = 1):
        folder = rendered(time_scale)
        self.scale = time_scale
        self.files = [str(path) for path in sorted((folder / "prometheus/rules").glob("*.yml"))]
        groups = [group for file in self.files for group in yaml.safe_load(pathlib.Path(file).read_text())["groups"]]
        self.alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]

    def hold_s(self, alert: str, severity: str) -> float:
        """How long the expression of an alert must hold before it fires."""
        rule = next(rule for rule in self.alerts if rule["alert"] == alert and rule["labels"]["severity"] == severity)
        return seconds(rule.get("for", "0s"))

    def names(self) -> set[str]:
        return {rule["alert"] for rule in self.alerts}

    def scaled(self, text: str) -> str:
        """With the windows of queries as short as those of the rules (deploy/mixin/lib/time.libsonnet)."""
        return re.sub(r"\[(\d+[smhd])\]", lambda window: f"[{max(LEAST_WINDOW_MS, round(seconds(window[1]) * 1000 / self.scale))}ms]", text)
