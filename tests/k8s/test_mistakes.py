"""Mistakes that people make, planted one at a time: each is found by the check that is there for it."""

import re

import pytest

import mistakes.access
import mistakes.durability
import mistakes.monitoring
import mistakes.network
import mistakes.none
import mistakes.pods
import mistakes.rollout
import mistakes.values
import mistakes.wiring  # noqa: F401: they bring mistakes
from support import tampering
from support.checks import all_checks, failures
from support.harmless import ADDED, CHANGED, TAKEN
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


OF_RISK = ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Certificate", "Database")
OF_ALL = ("Namespace", "PodMonitor", "Issuer", "Cluster", "ObjectStore", "ScheduledBackup", "PersistentVolumeClaim")
OBJECTS = [(kind, "orewatch-risk", "prod") for kind in OF_RISK] + [(kind, "orewatch", "prod") for kind in OF_ALL]
OBJECTS += [("Deployment", "orewatch-edge", "prod"), ("Service", "orewatch-edge", "prod"), ("Certificate", "orewatch-ca", "prod"), ("ConfigMap", "orewatch-risk-", "prod")]
OBJECTS += [("Job", "orewatch-migrate-risk", "prod/migrate")]
# One of each shape.
OBJECTS += [("NetworkPolicy", name, "prod") for name in ("alerting", "default-deny", "dns", "postgres-to-api-server")]


@pytest.mark.parametrize(("ways", "harmless"), [(tampering.taken_away, TAKEN), (tampering.added, ADDED), (tampering.changed, CHANGED)])
def test_whatever_is_tampered_with_is_noticed(ways, harmless):
    unnoticed, excused = [], set()
    for kind, name, overlay in OBJECTS:
        for path in tampering.Tampered(kind, name, overlay).unnoticed(ways):
            reasons = {pattern for pattern in harmless if re.fullmatch(pattern, f"{kind}: {path}")}
            excused |= reasons
            unnoticed += [] if reasons else [f"{kind}/{name}: {path}"]
    assert unnoticed == []
    assert set(harmless) - excused == set(), "excuses of nothing"


@pytest.mark.parametrize("overlay", ("dev", "prod", "prod/migrate"))
def test_an_object_that_is_taken_away_is_missed(overlay):
    documents = rendered(overlay)
    without = {f"{one['kind']}/{one['metadata']['name']}": Manifests([other for other in documents if other is not one]) for one in documents}
    assert [name for name, rest in without.items() if not failures(overlay, rest)] == []


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


@pytest.mark.parametrize("name", mistakes.none.OWN)
def test_is_an_installations_own(name):
    plant = Plant("prod")
    mistakes.none.OWN[name](plant)
    assert failures("prod", Manifests(plant.documents)) == {}


def test_every_check_catches_something():
    assert set(all_checks()) == {check for check, _, _ in MISTAKES.values()}
