"""Who may connect to whom: what the network policies say, held against a table. All that is beside it is a mistake: another port or
protocol, a range of ports, a block of addresses, a peer whom nobody knows."""

import ipaddress

from support.checks import check
from support.manifests import ADMIN_PORTS, EDGE_METRICS_PORT, EDGE_PORT, GRPC_PORTS, HOOK_PORT, REASON, SERVICES, Manifests, matches

PART = {"app.kubernetes.io/part-of": "orewatch"}
COMPONENTS = ("edge", *SERVICES, "migration", "audit")
# All pods that there are in our namespace, and one that somebody has left there.
STRANGER = "stranger"
HERE = {name: PART | {"app.kubernetes.io/name": f"orewatch-{name}", "app.kubernetes.io/component": name} for name in COMPONENTS}
HERE |= {"postgres": {"cnpg.io/cluster": "orewatch-postgres"}, STRANGER: {}}
HERE["postgres-restored"] = PART | {"app.kubernetes.io/component": "restore", "cnpg.io/cluster": "orewatch-postgres-restored"}


def _elsewhere(namespace: str, labels: dict) -> dict:
    """Labels are anybody's to give in a namespace of their own: both are said, and nothing less."""
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, "podSelector": {"matchLabels": labels}}


ELSEWHERE = {
    "dns": _elsewhere("kube-system", {"k8s-app": "kube-dns"}),
    "prometheus": _elsewhere("monitoring", {"app.kubernetes.io/name": "prometheus"}),
    "alertmanager": _elsewhere("monitoring", {"app.kubernetes.io/name": "alertmanager"}),
    "cnpg-operator": _elsewhere("cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"}),
}
ANYBODY = "anybody"

# From whom to whom, on which TCP ports.
TABLE = {
    ANYBODY: {"edge": [EDGE_PORT]},
    "edge": {name: [GRPC_PORTS[name]] for name in SERVICES},
    "gateway": {name: [GRPC_PORTS[name]] for name in ("registry", "risk", "alerting")},
    "registry": {"postgres": [5432]},
    "risk": {"registry": [GRPC_PORTS["registry"]], "postgres": [5432]},
    "alerting": {"registry": [GRPC_PORTS["registry"]], "risk": [GRPC_PORTS["risk"]], "postgres": [5432], "alertmanager": [9093]},
    "migration": {"postgres": [5432]},
    "postgres": {"postgres": [5432, 8000], "api-server": [6443], "object-store": [443]},
    # While one database is restored out of a Cluster beside the first: its archive. Nobody asks it anything over the network.
    "postgres-restored": {"api-server": [6443], "object-store": [443]},
    "cnpg-operator": {"postgres": [5432, 8000], "postgres-restored": [5432, 8000]},
    "prometheus": {name: [port] for name, port in ADMIN_PORTS.items()} | {"edge": [EDGE_METRICS_PORT], "postgres": [9187]},
    "alertmanager": {"alerting": [HOOK_PORT]},
}
# Named by their addresses, each in a policy of its own.
OUTSIDE = {"postgres-to-api-server": "api-server", "postgres-to-object-store": "object-store"}
# What an installation may add, with its reason, is no wider than this, and not where a cloud hands out credentials.
WIDEST = {4: 16, 6: 48}
CREDENTIALS = (ipaddress.ip_address("169.254.169.254"), ipaddress.ip_address("fd00:ec2::254"))


NAMES = {(name, "dns", f"{protocol} 53") for name in HERE for protocol in ("TCP", "UDP")}
FLOWS = NAMES | {(source, target, f"TCP {port}") for source, targets in TABLE.items() for target, ports in targets.items() for port in ports}


def _selected(selector: dict) -> list:
    return [name for name, labels in HERE.items() if matches(selector, labels)]


def _is_host(block: dict) -> bool:
    return ipaddress.ip_network(block["cidr"], strict=False).num_addresses == 1


def _named(peer: dict, policy: str) -> list:
    """Who is meant by a peer of a rule: names of the table, or what it says, which the table does not have."""
    if set(peer) == {"podSelector"}:
        return _selected(peer["podSelector"])
    if set(peer) == {"ipBlock"} and policy in OUTSIDE and _is_host(peer["ipBlock"]):
        return [OUTSIDE[policy]]
    return [name for name, described in ELSEWHERE.items() if peer == described] or [str(peer)]


def _ports(rule: dict) -> list:
    """As the table has them where it is one port of one protocol."""
    ranges = [(one.get("protocol", "TCP"), one.get("port", "any"), one.get("endPort")) for one in rule.get("ports") or [{"protocol": "any"}]]
    return [f"{protocol} {first}" + (f" to {last}" if last else "") for protocol, first, last in ranges]


def _let(policy: dict, direction: str) -> set:
    """Flows that a policy lets in, or out."""
    spec, name = policy["spec"], policy["metadata"]["name"]
    key, who = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    found = set()
    for rule in spec.get(key, []):
        others = [one for peer in rule.get(who) or [] for one in _named(peer, name)] if rule.get(who) else [ANYBODY]
        ends = [(mine, other) if direction == "Egress" else (other, mine) for mine in _selected(spec["podSelector"]) for other in others]
        found |= {(*end, port) for end in ends for port in _ports(rule)}
    return found


def _difference(direction: str, found: set, wanted: set):
    for source, target, port in sorted(found - wanted):
        yield f"{direction}: {source} may reach {target} on {port}, and must not"
    for source, target, port in sorted(wanted - found):
        yield f"{direction}: {source} may not reach {target} on {port}"


def _is_narrow(peer: dict) -> bool:
    """One of another namespace, or a block of few addresses."""
    if set(peer) == {"ipBlock"}:
        block = ipaddress.ip_network(peer["ipBlock"]["cidr"], strict=False)
        return block.prefixlen >= WIDEST[block.version] and not any(one in block for one in CREDENTIALS)
    labels = [peer.get(key, {}).get("matchLabels") for key in ("namespaceSelector", "podSelector")]
    return set(peer) == {"namespaceSelector", "podSelector"} and all(labels) and "kubernetes.io/metadata.name" in labels[0]


def _declared(policy: dict):
    """An installation's own, with the reason beside it: a way out, to somebody, on ports that are named one by one."""
    where, spec = f"NetworkPolicy/{policy['metadata']['name']}", policy["spec"]
    if spec.get("policyTypes") != ["Egress"] or "ingress" in spec or not spec.get("egress"):
        yield f"{where}: an installation may open ways out alone"
    if STRANGER in _selected(spec["podSelector"]) and policy["metadata"]["name"] != "dns":
        yield f"{where}: is not of pods that are ours"
    for rule in spec.get("egress", []):
        ports = rule.get("ports") or [{}]
        if not rule.get("to") or not all(_is_narrow(peer) for peer in rule["to"]):
            yield f"{where}: leads to more than somebody: {rule.get('to')}"
        if any("endPort" in port or "port" not in port or port.get("protocol", "TCP") not in ("TCP", "UDP") for port in ports):
            yield f"{where}: names no ports one by one: {ports}"


@check("network", overlays=("prod",))
def network(manifests: Manifests):
    declared = {one["metadata"]["name"]: one for one in manifests.of("NetworkPolicy") if one["metadata"].get("annotations", {}).get(REASON)}
    policies = [one for one in manifests.of("NetworkPolicy") if one["metadata"]["name"] not in declared]
    replaced = {OUTSIDE[name] for name in declared if name in OUTSIDE} | ({"dns"} & set(declared))
    for direction, end in (("Ingress", 1), ("Egress", 0)):
        let = {flow for policy in policies for flow in _let(policy, direction)}
        yield from _difference(direction, let, {flow for flow in FLOWS if flow[end] in HERE and flow[1] not in replaced})
    for policy in declared.values():
        yield from _declared(policy)
    if not any(policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for policy in policies):
        yield "no policy denies everything, both ways, to every pod"
    for policy in policies:
        directions = {key.capitalize() for key in ("ingress", "egress") if key in policy["spec"]}
        if not directions <= set(policy["spec"].get("policyTypes", ["Ingress"])):
            yield f"NetworkPolicy/{policy['metadata']['name']}: has rules that nobody heeds"
