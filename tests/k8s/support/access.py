"""Checks of what there may be at all, and of who may do what: objects and their fields, settings, rights, issuers, tokens."""

import re

from support.allowed.objects import OBJECTS
from support.allowed.rights import RIGHTS
from support.allowed.settings import DATABASE, SETTINGS
from support.checks import check
from support.manifests import SERVICES, Manifests
from support.shapes import wrong
from support.text_format import NotUnderstood, message, single


def _known(name: str) -> dict:
    return {"name": name, "service": re.sub(r"^orewatch-(migrate-)?|-v[0-9-]+$", "", name)}


@check("allowed")
def allowed(manifests: Manifests):
    """Whatever is in no list below support/allowed: objects, fields, values."""
    for document in manifests.documents:
        kind, name = document["kind"], document["metadata"]["name"]
        shape = next((one for pattern, one in OBJECTS.get(kind, {}).items() if re.fullmatch(pattern, name)), None)
        if shape is None:
            yield f"{kind}/{name}: nobody has asked for it"
        else:
            yield from (f"{kind}/{name}: {problem.removeprefix('.')}" for problem in wrong(document, shape, _known(name)))


@check("settings")
def settings(manifests: Manifests):
    for workload in [*manifests.services, *(one for one in manifests.workloads if one.kind == "Job")]:
        flags, known = manifests.flags(workload), _known(workload.name)
        yield from (f"{workload}: --{problem.removeprefix('.')}" for problem in wrong(flags, SETTINGS, known))
        if "database" in flags:
            parts = dict(part.partition("=")[::2] for part in flags["database"].split())
            yield from (f"{workload}: --database{problem}" for problem in wrong(parts, DATABASE, known))


@check("access", overlays=("prod",))
def access(manifests: Manifests):
    files = [config["data"]["access.textproto"] for config in manifests.of("ConfigMap") if "access.textproto" in config.get("data", {})]
    for text in files:
        try:
            rights = single(message(text), repeated={"certificates", "keys", "subjects", "scopes"})
        except NotUnderstood as problem:
            yield f"access.textproto: {problem}"
            continue
        rights.get("certificates", []).sort(key=lambda one: str(one.get("identity")))
        yield from (f"access.textproto: {problem.removeprefix('.')}" for problem in wrong(rights, RIGHTS, {}))
    if len(files) != 1:
        yield f"{len(files)} access files"


@check("issuers", overlays=("prod",))
def issuers(manifests: Manifests):
    """All services' certificates are of one authority, by which they know one another."""
    certificates = {one["metadata"]["name"]: one["spec"] for one in manifests.of("Certificate")}
    by_secret = {spec["secretName"]: spec for spec in certificates.values()}
    used = {name: str(sorted(spec["issuerRef"].items())) for name, spec in certificates.items() if not spec.get("isCA")}
    for name, issuer in used.items():
        if issuer != used.get("orewatch-gateway"):
            yield f"Certificate/{name}: is of another issuer than the gateway's"
    # Of another name, it is an installation's own, wherever that is.
    of_services = {spec["issuerRef"]["name"] for spec in certificates.values() if not spec.get("isCA")}
    named = {spec["issuerRef"]["name"] for spec in certificates.values()}
    for name in sorted({"orewatch", "orewatch-bootstrap"} & named - manifests.names("Issuer")):
        yield f"there is no Issuer {name}"
    for issuer in manifests.of("Issuer"):
        name, spec = issuer["metadata"]["name"], issuer["spec"]
        authority = by_secret.get(spec.get("ca", {}).get("secretName"), {})
        if name in of_services and ("selfSigned" in spec or (name == "orewatch" and authority.get("isCA") is not True)):
            yield f"Issuer/{name}: each certificate of it would be an authority of its own"


@check("tokens-of-one-issuer", overlays=("prod",))
def tokens(manifests: Manifests):
    said = {(workload.name, key): manifests.flags(workload).get(key) for workload in manifests.services for key in ("jwt_issuer", "jwt_audience", "jwt_keys")}
    edges = [config["data"]["envoy.yaml"] for config in manifests.of("ConfigMap") if "envoy.yaml" in config.get("data", {})]
    for key in ("jwt_issuer", "jwt_audience", "jwt_keys"):
        values = {said[name, key] for name in (f"orewatch-{service}" for service in SERVICES) if (name, key) in said}
        if len(values) != 1:
            yield f"{key}: services take tokens of {sorted(map(str, values))}"
        elif key == "jwt_issuer" and any(f"issuer: {value}" not in text.replace('"', "") for text in edges for value in values):
            yield f"the edge takes tokens of another issuer than {', '.join(map(str, values))}"
