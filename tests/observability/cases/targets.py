"""Whether the services are there."""

from support.case import Case
from support.series import levels

SERVICES = ("gateway", "registry", "risk", "alerting")


def up(job: str, instance: str) -> str:
    return f'up{{job="orewatch-{job}",instance="{instance}"}}'


SUITE = 'up{job="orewatch",instance="a"}'


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
    Case("OrewatchTargetAbsent", "the suite runs in one process, and is down", {SUITE: levels(("20m", 1), ("20m", 0))}, silent=("15m", "39m")),
    *[
        Case(
            "OrewatchTargetAbsent",
            f"the suite is not scraped any more, of which {service} was a part",
            {SUITE: levels(("10m", 1), ("20m", None), ("10m", 1)), **{up(other, "a"): levels(("40m", 1)) for other in SERVICES if other != service}},
            fires=("25m15s",),
            silent=("10m", "24m30s", "30m15s"),
            labels={"job": f"orewatch-{service}"},
        )
        for service in SERVICES
    ],
    Case("OrewatchWatchdog", "nothing is wrong", {up("risk", "a"): levels(("10m", 1))}, fires=("0m", "10m"), severity="none"),
]
