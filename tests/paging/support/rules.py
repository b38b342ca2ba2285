"""The rules of deploy/mixin, with hours made seconds."""

import pathlib
import re
import subprocess

import yaml

from programs.process import ROOT

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> float:
    """Of a duration as Prometheus writes them, such as 1h30m."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", duration))


class Rules:
    def __init__(self, folder: pathlib.Path, time_scale: int):
        subprocess.run([ROOT / "deploy/mixin/render", "--time_scale", str(time_scale), "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
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
