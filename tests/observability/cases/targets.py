"""Whether the services are there."""

from support.case import Case
from support.series import levels

SERVICES = ("gateway", "registry", "risk", "alerting")


def up(job: str, instance: str) -> str:
    return f'up{{job="orewatch-{job}",instance="{instance}"}}'


SUITE = 'up{job="orewatch",instance="a"}'


def of(namespace: str, job: str) -> str:
    return f'up{{namespace="{namespace}",job="orewatch-{job}",instance="a"}}'


def absent(service: str) -> Case:
    there = {up(other, "a"): levels(("40m", 1)) for other in SERVICES if other != service}
    return Case(
        "OrewatchTargetAbsent",
        f"no {service} is scraped any more, then one is",
        there | {up(service, "a"): levels(("10m", 1), ("20m", None), ("10m", 1))},
        # The last sample counts for five minutes.
        fires=("25m15s",),
        silent=("10m", "24m30s", "30m15s"),
        labels={"job": f"orewatch-{service}"},
        says=f"There is no target of orewatch-{service}.",
    )


CASES = [
    Case(
        "OrewatchTargetDown",
        "two of four replicas go and come back",
        {up("risk", one): levels(("40m", 1)) for one in "ab"} | {up("risk", one): levels(("10m", 1), ("20m", 0), ("10m", 1)) for one in "cd"},
        fires=("17m30s", "32m15s"),
        silent=("17m15s", "32m30s"),
        labels={"job": "orewatch-risk"},
        says="50% of the targets of orewatch-risk cannot be scraped.",
    ),
    Case(
        "OrewatchTargetDown",
        "four of nine replicas are down",
        {up("risk", one): levels(("40m", 0 if one in "abcd" else 1)) for one in "abcdefghi"},
        silent=("10m", "39m"),
    ),
    Case("OrewatchTargetDown", "somebody else's job is down", {'up{job="node",instance="a"}': levels(("40m", 0))}, silent=("39m",)),
    *[absent(service) for service in SERVICES],
    Case(
        "OrewatchTargetDown",
        "a replica that is down is replaced by one with another address",
        {up("risk", "a"): levels(("10m", 1), ("12m", 0)) + " stale", up("risk", "b"): levels(("22m", None), ("18m", 1))},
        fires=("18m", "21m45s"),
        silent=("15m", "22m15s", "30m"),
    ),
    Case(
        "OrewatchTargetAbsent",
        "one of two installations loses its gateway",
        {of("dev", other): levels(("9h", 1), step="1m") for other in SERVICES}
        | {of("prod", other): levels(("9h", 1), step="1m") for other in SERVICES if other != "gateway"}
        | {of("prod", "gateway"): levels(("1h", 1), ("8h", None), step="1m")},
        fires=("1h16m", "6h58m"),
        silent=("1h", "1h13m", "7h2m"),
        labels={"namespace": "prod", "job": "orewatch-gateway"},
        says="There is no target of orewatch-gateway.",
        step="1m",
    ),
    Case(
        "OrewatchTargetAbsent",
        "the only installation loses its gateway: it hears of it once, and after six hours by the name of the job",
        {of("prod", other): levels(("9h", 1), step="1m") for other in SERVICES if other != "gateway"}
        | {of("prod", "gateway"): levels(("1h", 1), ("8h", None), step="1m")},
        fires=("1h16m", "5h", "8h"),
        silent=("1h",),
        step="1m",
    ),
    Case("OrewatchTargetAbsent", "the suite runs in one process, and is down", {SUITE: levels(("20m", 1), ("20m", 0))}, silent=("15m", "39m")),
    *[
        Case(
            "OrewatchTargetAbsent",
            f"{service} is scraped neither by itself nor as a part of the suite",
            {up(other, "a"): levels(("40m", 1)) for other in SERVICES if other != service},
            fires=("10m", "39m"),
            silent=("9m45s",),
            labels={"job": f"orewatch-{service}"},
            says=f"There is no target of orewatch-{service}.",
        )
        for service in SERVICES
    ],
    Case("OrewatchWatchdog", "nothing is wrong", {up("risk", "a"): levels(("10m", 1))}, fires=("0m", "10m"), severity="none"),
]
