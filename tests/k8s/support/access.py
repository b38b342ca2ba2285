"""Checks of who may do what: what kinds of objects there are at all, certificates' issuers, the access file, tokens."""

import re

from support.checks import check
from support.manifests import SERVICES, Manifests

# Rights at the API server are none of ours: no Role, no binding.
KINDS = {
    "ConfigMap", "Deployment", "Namespace", "PersistentVolumeClaim", "PodDisruptionBudget", "Service", "ServiceAccount",
    "Certificate", "Cluster", "Database", "HorizontalPodAutoscaler", "Issuer", "NetworkPolicy", "ObjectStore", "PodMonitor", "PrometheusRule",
    "ScheduledBackup", "Job",
}  # fmt: skip
# No higher than what each does asks for (docs/security.md); may one speak for its callers?
ROLES = {"risk": ("ROLE_ANALYST", False), "alerting": ("ROLE_ANALYST", True), "gateway": ("ROLE_OPERATOR", True)}
GRANT = re.compile(r'identity: "uri:spiffe://orewatch/([a-z]+)"\s+grant \{([^}]*)\}')


@check("kinds")
def kinds(manifests: Manifests):
    for document in manifests.documents:
        if document["kind"] not in KINDS:
            yield f"{document['kind']}/{document['metadata']['name']}: is of a kind that nobody has asked for"


@check("access", overlays=("prod",))
def access(manifests: Manifests):
    files = [config["data"]["access.textproto"] for config in manifests.of("ConfigMap") if "access.textproto" in config.get("data", {})]
    for text in files:
        grants = dict(GRANT.findall(text))
        if text.count("grant {") != len(grants) or set(grants) != set(ROLES):
            yield f"access.textproto: grants something to {sorted(grants)}, not to {sorted(ROLES)}"
        for name, grant in grants.items():
            role, speaks = ROLES.get(name, ("", False))
            if re.findall(r"role: (\w+)", grant) != [role] or ("may_speak_for_others: true" in grant) != speaks:
                yield f"access.textproto: {name} has another right than {role}{' for others too' if speaks else ''}"
            if f'principal: "orewatch-{name}"' not in grant or "service: true" not in grant:
                yield f"access.textproto: {name} is not known as the service that it is"
    if len(files) != 1:
        yield f"{len(files)} access files"


@check("issuers", overlays=("prod",))
def issuers(manifests: Manifests):
    by_secret = {certificate["spec"]["secretName"]: certificate["spec"] for certificate in manifests.of("Certificate")}
    used = {certificate["spec"]["issuerRef"]["name"] for certificate in manifests.of("Certificate") if not certificate["spec"].get("isCA")}
    for issuer in manifests.of("Issuer"):
        name, authority = issuer["metadata"]["name"], by_secret.get(issuer["spec"].get("ca", {}).get("secretName"))
        if name in used and (authority is None or authority.get("isCA") is not True):
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
