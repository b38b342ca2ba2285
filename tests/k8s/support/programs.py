"""Our programs, and whether they understand what the manifests tell them."""

import functools
import os
import re
import subprocess

from programs.process import BIN
from support.manifests import SERVICES, Manifests, Workload


def binary(workload: Workload) -> str | None:
    """Of its image; none where the program is not ours."""
    name = workload.container["image"].partition(":")[0].rpartition("/")[2]
    return f"orewatch-{name}" if name in SERVICES else None


@functools.cache
def known_flags(program: str) -> frozenset:
    told = subprocess.run([BIN / program, "--help"], capture_output=True, text=True).stdout
    return frozenset(re.findall(r"^\s*--([a-z0-9_]+) \(", told, re.MULTILINE))


def misunderstood(manifests: Manifests):
    """A variable that is no flag's is not noticed by anybody, a value that cannot be stops the start."""
    for workload in manifests.workloads:
        program = binary(workload)
        if program is None:
            continue
        for name in sorted(set(manifests.flags(workload)) - known_flags(program)):
            yield f"{workload}: {program} has no flag --{name}"
        environment = {"PATH": os.environ["PATH"], **manifests.environment(workload)}
        parsed = subprocess.run([BIN / program, *workload.container["args"], "--version"], env=environment, capture_output=True, text=True)
        if parsed.returncode != 0:
            yield f"{workload}: {parsed.stderr.strip()}"
