"""Checks of what files say that are made from elsewhere in the tree: they are made again, with the flags that they name, and compared."""

import functools
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import yaml

from support.checks import check
from support.manifests import Manifests
from support.rendering import K8S, AsKubernetes
from support.shapes import counts, wrong

EDGE = "components/edge/generated"
MONITORING = "components/monitoring/generated"
RULES = f"{MONITORING}/rules.yaml"
# By their keys in a ConfigMap.
MADE_AS = {
    **{name: f"{EDGE}/{name}" for name in ("edge.yaml", "envoy.yaml", "upstream.yaml", "upstream_ca.yaml")},
    **{f"{name}.json": f"{MONITORING}/{name}.json" for name in ("alerting", "data", "gateway", "overview", "service")},
    "rules.textproto": "base/alerting/rules.textproto",
}
HEADER = re.compile(r"# Made by k8s/generate(.*); edit what it is made from\.\n")
URL = re.compile(r"https://[^\s/]+(/\S*)?")
# What an installation says (docs/operations.md, the edge); where things are and who listens where is not its own to say.
FLAGS = {
    "jwt_issuer?": URL,
    "jwt_audience?": re.compile(r"\S+"),
    "jwt_keys?": URL,
    "jwt_refresh_s?": counts("1", "3600"),
    "cors_origins?": re.compile(r"https://[^\s,/*]+(,https://[^\s,/*]+)*"),
    "docs_url?": URL,
    "grafana_url?": URL,
    # Only because the services ask for keys too (the check `protected`).
    "pass_api_keys?": ("0", "1"),
    "rate_per_client?": counts("1", "10000"),
    "rate_total?": counts("10", "100000"),
    "unary_timeout_s?": counts("1", "300"),
    "longest_timeout_s?": counts("1", "3600"),
    "max_body_bytes?": counts("65536", "268435456"),
    "max_connection_age_s?": counts("60", "3600"),
    "max_connections?": counts("100", "100000"),
    # edge-fits-its-memory.
    "max_heap_mib?": counts("256", "65536"),
    "trusted_hops?": counts("0", "5"),
    "drain_wait_s?": counts("35", "300"),
}


@functools.cache
def _made(flags: tuple) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, K8S / "generate", "--out", folder, *flags], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {str(file.relative_to(folder)): file.read_text() for file in pathlib.Path(folder).rglob("*") if file.is_file()}


@functools.cache
def _groups(flags: tuple) -> list:
    return yaml.load(_made(flags)[RULES], Loader=AsKubernetes)["spec"]["groups"]


def _without_header(text: str) -> str:
    return HEADER.sub("", text, count=1)


def flags_of(manifests: Manifests) -> list:
    """With which an installation has made its files: the edge's tell."""
    texts = [one["data"]["envoy.yaml"] for one in manifests.of("ConfigMap") if "envoy.yaml" in one.get("data", {})]
    header = HEADER.match(texts[0]) if texts else None
    return shlex.split(header[1]) if header else []


@check("contents")
def contents(manifests: Manifests):
    flags = flags_of(manifests)
    given = dict(flag.removeprefix("--").partition("=")[::2] for flag in flags)
    if problems := wrong(given, FLAGS, {}):
        yield from (f"k8s/generate: --{problem.removeprefix('.')}" for problem in problems)
        return
    for config in manifests.of("ConfigMap"):
        for key in set(config.get("data", {})) & set(MADE_AS):
            if _without_header(config["data"][key]) != _without_header(_made(tuple(flags))[MADE_AS[key]]):
                yield f"ConfigMap/{config['metadata']['name']}: {key} is not what k8s/generate {shlex.join(flags)} makes: run it"
    for rules in manifests.of("PrometheusRule"):
        if rules["spec"]["groups"] != _groups(tuple(flags)):
            yield f"PrometheusRule/{rules['metadata']['name']}: its rules are not what k8s/generate {shlex.join(flags)} makes: run it"
