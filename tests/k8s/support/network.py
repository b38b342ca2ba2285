"""Who may connect to whom, computed from the network policies as Kubernetes reads them, and held against a table."""

import re
from typing import NamedTuple

from support.checks import check
from support.manifests import ADMIN_PORTS, EDGE_DRAIN_PORT, EDGE_METRICS_PORT, EDGE_PORT, GRPC_PORTS, HOOK_PORT, Manifests, matches

OURS = "orewatch"
PART = {"app.kubernetes.io/part-of": "orewatch"}


class Peer(NamedTuple):
    name: str
    # None: outside the cluster, where labels mean nothing.
    namespace: str | None
    labels: dict


def ours(component: str) -> Peer:
    return Peer(component, OURS, PART | {"app.kubernetes.io/name": f"orewatch-{component}", "app.kubernetes.io/component": component})


POSTGRES = Peer("postgres", OURS, {"cnpg.io/cluster": "orewatch-postgres"})
# Beside it for the hour in which one database is restored.
RESTORED = Peer("postgres-restored", OURS, PART | {"app.kubernetes.io/component": "restore", "cnpg.io/cluster": "orewatch-postgres-restored"})
PEERS = (
    *(ours(component) for component in ("edge", "gateway", "registry", "risk", "alerting", "migration")),
    POSTGRES,
    RESTORED,
    # Of whoever looks at the files of the audit log.
    ours("audit"),
    Peer("stranger-here", OURS, {"app.kubernetes.io/name": "debug"}),
    Peer("dns", "kube-system", {"k8s-app": "kube-dns"}),
    Peer("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"}),
    Peer("alertmanager", "monitoring", {"app.kubernetes.io/name": "alertmanager"}),
    Peer("stranger-in-monitoring", "monitoring", {"app.kubernetes.io/name": "grafana"}),
    # Labels are anybody's to give in a namespace of their own.
    Peer("impostor", "elsewhere", PART | {"app.kubernetes.io/component": "gateway", "app.kubernetes.io/name": "prometheus", "k8s-app": "kube-dns"}),
    Peer("impostor-of-alertmanager", "elsewhere", {"app.kubernetes.io/name": "alertmanager"}),
    Peer("impostor-of-the-operator", "elsewhere", {"app.kubernetes.io/name": "cloudnative-pg"}),
    Peer("stranger-beside-dns", "kube-system", {}),
    Peer("cnpg-operator", "cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"}),
    Peer("stranger-beside-the-operator", "cnpg-system", {}),
    Peer("api-server", None, {}),
    Peer("object-store", None, {}),
    Peer("internet", None, {}),
)
# Whose policy names their address. What is nobody's is the internet.
NAMED_BY = {"api-server": "postgres-to-api-server", "object-store": "postgres-to-object-store"}
PORTS = sorted({*GRPC_PORTS.values(), *ADMIN_PORTS.values(), EDGE_DRAIN_PORT, EDGE_METRICS_PORT, EDGE_PORT, HOOK_PORT, 53, 443, 5432, 6443, 8000, 9093, 9187, 9901, 22})
PROTOCOLS = ("TCP", "UDP")
ALL_PORTS = [(protocol, port) for protocol in PROTOCOLS for port in PORTS]


def _expected() -> set:
    """(from, to, protocol, port), and nothing else."""
    calls = {
        "edge": ("gateway", "registry", "risk", "alerting"),
        "gateway": ("registry", "risk", "alerting"),
        "alerting": ("registry", "risk"),
        "risk": ("registry",),
    }
    allowed = {(caller, called, "TCP", GRPC_PORTS[called]) for caller, all_called in calls.items() for called in all_called}
    allowed |= {(client, "postgres", "TCP", 5432) for client in ("registry", "risk", "alerting", "migration", "postgres", "cnpg-operator")}
    allowed |= {("prometheus", name, "TCP", port) for name, port in ADMIN_PORTS.items()}
    allowed.add(("prometheus", "edge", "TCP", EDGE_METRICS_PORT))
    allowed |= {(source, "postgres", "TCP", 8000) for source in ("postgres", "cnpg-operator")}
    allowed |= {("alerting", "alertmanager", "TCP", 9093), ("alertmanager", "alerting", "TCP", HOOK_PORT)}
    allowed |= {("prometheus", "postgres", "TCP", 9187), ("postgres", "api-server", "TCP", 6443), ("postgres", "object-store", "TCP", 443)}
    # Its archive, and who made it; nobody asks it anything over the network.
    allowed |= {("postgres-restored", "api-server", "TCP", 6443), ("postgres-restored", "object-store", "TCP", 443)}
    allowed |= {("cnpg-operator", "postgres-restored", "TCP", port) for port in (5432, 8000)}
    # The one door; whoever is in the cluster may knock like everybody else, if his own policies let him. Nobody of ours does.
    allowed |= {(peer.name, "edge", "TCP", EDGE_PORT) for peer in PEERS if peer.namespace != OURS}
    inside = (peer.name for peer in PEERS if peer.namespace == OURS)
    return allowed | {(peer, "dns", protocol, 53) for peer in inside for protocol in PROTOCOLS}


EXPECTED = _expected()


def _addresses(policies: list) -> dict:
    """Of those outside the cluster, as far as each is one address: a network may be anybody's."""
    found = {}
    for peer, name in NAMED_BY.items():
        blocks = re.findall(r"'cidr': '([^']+)'", str([policy["spec"].get("egress") for policy in policies if policy["metadata"]["name"] == name]))
        if len(blocks) == 1 and blocks[0].endswith(("/32", "/128")):
            found[peer] = blocks[0]
    return found


def _is(peer: Peer, described: dict, policy_namespace: str, addresses: dict) -> bool:
    if "ipBlock" in described:
        owners = [name for name, address in addresses.items() if address == described["ipBlock"]["cidr"]]
        return peer.namespace is None and (peer.name in owners or not owners)
    if peer.namespace is None:
        return False
    if "namespaceSelector" in described:
        in_namespace = matches(described["namespaceSelector"], {"kubernetes.io/metadata.name": peer.namespace})
    else:
        in_namespace = peer.namespace == policy_namespace
    return in_namespace and ("podSelector" not in described or matches(described["podSelector"], peer.labels))


def _takes_port(rule: dict, protocol: str, port: int) -> bool:
    if not rule.get("ports"):
        return True
    return any(one.get("protocol", "TCP") == protocol and one.get("port", port) <= port <= one.get("endPort", one.get("port", port)) for one in rule["ports"])


def _rules(policies: list, direction: str, peer: Peer, other: Peer) -> list:
    """Those by which the policies of `peer` let traffic with `other` in or out. No policy: whatever it is."""
    key, who = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    mine = []
    for policy in policies:
        if direction in policy["spec"].get("policyTypes", ["Ingress"]) and policy["metadata"].get("namespace") == peer.namespace:
            mine += [policy] if matches(policy["spec"].get("podSelector"), peer.labels) else []
    if not mine:
        return [{}]
    addresses = _addresses(policies)
    rules = [(rule, policy["metadata"].get("namespace")) for policy in mine for rule in policy["spec"].get(key, [])]
    return [rule for rule, namespace in rules if not rule.get(who) or any(_is(other, one, namespace, addresses) for one in rule[who])]


def let(policies: list, direction: str) -> set:
    """What the policies of our namespace let in, or out, whatever those of the other end say."""
    found = set()
    for peer in (one for one in PEERS if one.namespace == OURS):
        for other in PEERS:
            if peer == other != POSTGRES:
                continue
            source, target = (other, peer) if direction == "Ingress" else (peer, other)
            for rule in _rules(policies, direction, peer, other):
                found |= {(source.name, target.name, protocol, port) for protocol, port in ALL_PORTS if _takes_port(rule, protocol, port)}
    return found


def expected(direction: str) -> set:
    names = {peer.name for peer in PEERS if peer.namespace == OURS}
    if direction == "Egress":
        return {one for one in EXPECTED if one[0] in names}
    # The door does not ask who knocks.
    return {one for one in EXPECTED if one[1] in names} | {(peer.name, "edge", "TCP", EDGE_PORT) for peer in PEERS if peer.name != "edge"}


@check("network", overlays=("prod",))
def network(manifests: Manifests):
    policies = manifests.of("NetworkPolicy")
    for direction in ("Ingress", "Egress"):
        found, wanted = let(policies, direction), expected(direction)
        for source, target, protocol, port in sorted(found - wanted):
            yield f"{direction}: {source} may reach {target} on {protocol} {port}, and must not"
        for source, target, protocol, port in sorted(wanted - found):
            yield f"{direction}: {source} may not reach {target} on {protocol} {port}"
    nothing = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if not any(policy["spec"] == nothing for policy in policies):
        yield "no policy denies everything, both ways, to every pod"
    for policy in policies:
        for key, who in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(key, []):
                named = bool(rule.get(who)) and all(peer for peer in rule[who])
                is_the_door = policy["metadata"]["name"] == "edge" and key == "ingress"
                if not rule.get("ports") or not (named or is_the_door):
                    yield f"NetworkPolicy/{policy['metadata']['name']}: a rule of {key} names no peer or no port"
