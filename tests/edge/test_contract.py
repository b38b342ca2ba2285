"""The OpenAPI document held against the edge: schemathesis with all its checks.

Bounded so that it takes a few minutes. OREWATCH_CONTRACT=long looks at everything, with as many examples as OREWATCH_CONTRACT_EXAMPLES says;
OREWATCH_CONTRACT_SEED makes it another run.
"""

import os
import subprocess
import sys

import pytest

from programs.process import ROOT

LONG = os.environ.get("OREWATCH_CONTRACT") == "long"
EXAMPLES = os.environ.get("OREWATCH_CONTRACT_EXAMPLES", "200" if LONG else "8")
SEED = os.environ.get("OREWATCH_CONTRACT_SEED", "1")
# They end with their caller's patience alone; test_streams.py has them.
ENDLESS = ":watch$"
# Served by the same code as facilities, whose names have two parts.
ALIKE = "^/registry/v1/(minerals|countries|blocs|suppliers(/{supplier}(:undelete)?)?$|links|projects|agreements|measures|stockpiles|requirements|events)"


@pytest.mark.parametrize("phase", ["coverage", "fuzzing"])
def test_the_edge_is_as_its_document_says(edge, issuer, tmp_path, phase):
    left_out = f"{ENDLESS}|{ALIKE}" if phase == "coverage" and not LONG else ENDLESS
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", ROOT / "tests/edge/schemathesis.toml", "run", ROOT / "docs/api/openapi.yaml"]
    command += ["--url", edge.url, "--tls-verify", edge.ca, "--header", f"Authorization: Bearer {issuer.token()}"]
    command += ["--exclude-path-regex", left_out, "--phases", phase, "--max-examples", EXAMPLES, "--seed", SEED]
    command += ["--suppress-health-check", "all", "--generation-database", "none", "--no-color"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=tmp_path)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
