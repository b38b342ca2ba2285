"""The list of checks. Each has a name, and tells what is wrong with what an overlay renders: nothing, or a line each."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from support.manifests import Manifests


class Check(NamedTuple):
    name: str
    overlays: tuple
    problems: Callable[[Manifests], Iterable[str]]


CHECKS: dict[str, Check] = {}


def check(name: str, overlays: tuple = ("dev", "prod", "prod/migrate")):
    def register(problems):
        assert name not in CHECKS, name
        CHECKS[name] = Check(name, overlays, problems)
        return problems

    return register


def failures(overlay: str, manifests: Manifests, names: set | None = None) -> dict:
    """By the name of the check, what is wrong, as all checks find it or those named."""
    found = {}
    for one in CHECKS.values():
        if overlay in one.overlays and (names is None or one.name in names) and (problems := list(one.problems(manifests))):
            found[one.name] = problems
    return found
