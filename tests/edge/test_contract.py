"""The OpenAPI document held against the edge: schemathesis with all its checks.

OREWATCH_CONTRACT_EXAMPLES and OREWATCH_CONTRACT_SEED make the run longer, or another.
"""

import os
import subprocess
import sys

from support.processes import ROOT

EXAMPLES = os.environ.get("OREWATCH_CONTRACT_EXAMPLES", "10")
SEED = os.environ.get("OREWATCH_CONTRACT_SEED", "1")
# They end with their caller's patience alone; test_streams.py has them.
ENDLESS = ":watch$"


def test_the_edge_is_as_its_document_says(edge, issuer, tmp_path):
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", ROOT / "tests/edge/schemathesis.toml", "run", ROOT / "docs/api/openapi.yaml"]
    command += ["--url", edge.url, "--tls-verify", edge.ca, "--header", f"Authorization: Bearer {issuer.token()}"]
    command += ["--exclude-path-regex", ENDLESS, "--checks", "all", "--max-examples", EXAMPLES, "--seed", SEED]
    command += ["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--workers", "2", "--generation-database", "none"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=tmp_path)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
