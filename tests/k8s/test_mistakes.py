"""Mistakes that people make, planted one at a time: each is found by the check that is there for it."""

import copy
import re

import pytest

import mistakes.access
import mistakes.durability
import mistakes.monitoring
import mistakes.network
import mistakes.pods
import mistakes.rollout
import mistakes.wiring  # noqa: F401: they bring mistakes
from support import access, durability, monitoring, network, pods, rollout, wiring  # noqa: F401: they bring the checks
from support.checks import CHECKS, failures
from support.manifests import Manifests
from support.plant import MISTAKES, Plant, rendered
from support.rendering import OVERLAYS
from support.schemas import KUBERNETES, problems


def _set(path: str, value):
    """A change of one field of a manifest."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]

    def change(document: dict) -> None:
        for part in parents:
            document = document[part]
        document[last] = value

    return change


SCHEMA_MISTAKES = {
    "a field that there is not": ("Deployment", "orewatch-risk", _set("spec.template.spec.containers.0.livenesProbe", {})),
    "a number for a text": ("ConfigMap", "orewatch-risk", _set("data.OREWATCH_DATABASE_CONNECTIONS", 8)),
    "a text for a number": ("Service", "orewatch-risk", _set("spec.ports.0.port", "7102")),
    "a certificate for a name in the wrong field": ("Certificate", "orewatch-risk", _set("spec.dnsName", ["orewatch-risk"])),
    "a key of a size in words": ("Certificate", "orewatch-risk", _set("spec.privateKey.size", "big")),
    "an issuer of nothing": ("Issuer", "orewatch", _set("spec.selfsigned", {})),
    "a scrape with a typo": ("PodMonitor", "orewatch", _set("spec.podMetricsEndpoints.0.intervall", "15s")),
    "an alert without an expression": ("PrometheusRule", "orewatch", lambda rule: rule["spec"]["groups"][0]["rules"][0].pop("expr")),
    "a database of no cluster": ("Database", "orewatch-risk", lambda database: database["spec"].pop("cluster")),
    "a method of replication that there is not": ("Cluster", "orewatch-postgres", _set("spec.postgresql.synchronous.method", "all")),
}


@pytest.mark.parametrize("name", SCHEMA_MISTAKES)
def test_a_schema_catches(name):
    kind, called, change = SCHEMA_MISTAKES[name]
    document = Plant("prod").find(kind, called)
    assert problems(document, KUBERNETES[0]) == []
    change(document)
    assert problems(document, KUBERNETES[0]) != []


# What has a default that is as good, or is there for people.
HARMLESS = re.compile(
    r"metadata\.(labels\.app\.kubernetes\.io/(component|managed-by|name|version)|annotations.*)"
    r"|spec\.(revisionHistoryLimit|strategy\.type|scaleTargetRef\.apiVersion|behavior\.(scaleDown\.policies|scaleUp).*|issuerRef\.(group|kind))"
    r"|spec\.(dnsNames\.[12]|privateKey\.size|(.*\.)?ports\.[0-9]\.protocol)"
    r"|spec\.template\.spec\.(securityContext\.fsGroupChangePolicy|containers\.0\.securityContext\.privileged)"
    r"|spec\.(primaryUpdateStrategy|postgresql\.parameters\.shared_buffers|podMetricsEndpoints\.0\.(path|scrapeTimeout|relabelings\.0\.action)|.*matchExpressions\.1)"
    r"|spec\.template\.spec\.(volumes\.3\.emptyDir\.medium|containers\.0\.args\.[56])"
    r"|spec\.(backoffLimit|backupOwnerReference|configuration\.(wal|data|endpointURL).*)"
    r"|spec\.template\.metadata\.annotations.*|spec\.template\.spec\.containers\.0\.[a-z]+Probe\.(failureThreshold|periodSeconds|timeoutSeconds)"
)


# Without these it is no such object at all.
WHOLE = re.compile(r"apiVersion|kind|metadata(\.name)?|spec(\.template(\.spec(\.containers(\.0)?)?)?)?")


def _fields(node, above: tuple = ()):
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield (*above, key)
        yield from _fields(value, (*above, key))


def _unnoticed(kind: str, name: str, checks: set, overlay: str = "prod") -> list:
    """Fields without which neither a schema nor a check finds anything wrong."""
    plant = Plant(overlay)
    document = plant.find(kind, name)
    place = plant.documents.index(document)
    found = []
    for path in [path for path in _fields(document) if not WHOLE.fullmatch(".".join(map(str, path)))]:
        without = copy.deepcopy(document)
        parent = without
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
        # What the API server turns down no check has to make sense of.
        if not problems(without, KUBERNETES[0]) and not failures(overlay, Manifests([*plant.documents[:place], without, *plant.documents[place + 1 :]]), checks):
            found.append(".".join(map(str, path)))
    return found


OF_RISK = ("Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Certificate", "Database")
OF_ALL = ("PodMonitor", "Issuer", "Cluster", "ObjectStore", "ScheduledBackup", "PersistentVolumeClaim")
OBJECTS = [(kind, "orewatch-risk", "prod") for kind in OF_RISK] + [(kind, "orewatch", "prod") for kind in OF_ALL]
OBJECTS += [("Deployment", "orewatch-edge", "prod"), ("Job", "orewatch-migrate-risk", "prod/migrate")]


@pytest.mark.parametrize(("kind", "name", "overlay"), OBJECTS)
def test_a_field_that_is_taken_away_is_missed(kind, name, overlay):
    assert [path for path in _unnoticed(kind, name, set(CHECKS) - {"network"}, overlay) if not HARMLESS.fullmatch(path)] == []


def test_a_field_of_a_policy_that_is_taken_away_is_missed():
    # One of each shape.
    names = ("alerting", "default-deny", "dns", "postgres")
    missed = {f"{name}: {path}" for name in names for path in _unnoticed("NetworkPolicy", name, {"labels", "network", "one-namespace"})}
    # TCP is the default; a policy that only lets in is one of ingress; peers of our own need not be said to be ours.
    harmless = re.compile(r".*: (spec\.(policyTypes|.*\.protocol|.*part-of)|metadata\.labels\..*)")
    assert [path for path in sorted(missed) if not harmless.fullmatch(path)] == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_as_it_is_nothing_is_wrong(overlay):
    assert failures(overlay, Manifests(rendered(overlay))) == {}


@pytest.mark.parametrize("name", MISTAKES)
def test_is_caught(name):
    check, overlay, make = MISTAKES[name]
    plant = Plant(overlay)
    make(plant)
    found = failures(overlay, Manifests(plant.documents))
    assert check in found, f"{check} did not find it; found: {found}"


def test_every_check_catches_something():
    assert set(CHECKS) == {check for check, _, _ in MISTAKES.values()}
