"""The list of checks. Each has a name, and tells what is wrong with what an overlay renders: nothing, or a line each."""

import importlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from support.manifests import Manifests
from support.rendering import OVERLAYS


class Check(NamedTuple):
    name: str
    overlays: tuple
    problems: Callable[[Manifests], Iterable[str]]


CHECKS: dict[str, Check] = {}


def check(name: str, overlays: tuple = OVERLAYS):
    def register(problems):
        assert name not in CHECKS, name
        CHECKS[name] = Check(name, overlays, problems)
        return problems

    return register


# What registers them.
MODULES = ("access", "contents", "durability", "monitoring", "network", "pods", "rollout", "wiring")


def all_checks() -> dict:
    for module in MODULES:
        importlib.import_module(f"support.{module}")
    return CHECKS


def failures(overlay: str, manifests: Manifests, names: set | None = None) -> dict:
    """By the name of the check, what is wrong, as all checks find it or those named."""
    found = {}
    for one in all_checks().values():
        if overlay not in one.overlays or (names is not None and one.name not in names):
            continue
        try:
            problems = list(one.problems(manifests))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # Of what is of no shape that is allowed no other check need make sense.
            if not {"allowed", "settings"} & set(found):
                raise
        else:
            found |= {one.name: problems} if problems else {}
    return found
