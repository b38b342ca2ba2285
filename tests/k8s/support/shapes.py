"""A language for what may stand in an object. What is not told is a mistake, whoever thought of it or not.

    {"a": 1, "b?": str}     an object of just these fields, of which the one with ? may be left out; a pattern is a field of any such name
    Each(x)                 a list of whatever fits x
    [x, y]                  a list of these two
    (x, y)                  one or the other
    str, int, bool          any such value
    re.compile("...")       a text that fits as a whole
    between(2, 10)          a number; counts, amounts and durations are texts: counts("2", "10"), amounts("1Gi", "1Ti"), lasts("15s", "30s")
    "{name}-tls"            a text with what is known of the object in it
    anything else           itself
"""

import dataclasses
import re
from collections.abc import Callable

from support.manifests import seconds

UNITS = {"m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "kB": 2**10, "MB": 2**20, "GB": 2**30}


@dataclasses.dataclass(frozen=True)
class Each:
    shape: object
    least: int = 0


@dataclasses.dataclass(frozen=True)
class Within:
    least: object
    most: object
    read: Callable

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"

    def takes(self, value) -> bool:
        try:
            return self.read(self.least) <= self.read(value) <= self.read(self.most)
        except (ValueError, TypeError):
            return False


def _number(value) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


def amount(text: str) -> float:
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    if not found or found[2] not in UNITS:
        raise ValueError(text)
    return float(found[1]) * UNITS[found[2]]


def between(least: int, most: int) -> Within:
    return Within(least, most, _number)


def counts(least: str, most: str) -> Within:
    return Within(least, most, int)


def amounts(least: str, most: str) -> Within:
    return Within(least, most, amount)


def lasts(least: str, most: str) -> Within:
    return Within(least, most, lambda text: 0 if text == "0" else seconds(text))


def _fits(value, shape) -> bool:
    if isinstance(shape, type):
        return type(value) is shape
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, Within):
        return shape.takes(value)
    return type(value) is type(shape) and value == shape


def _told(shape) -> str:
    if isinstance(shape, re.Pattern):
        return f"like {shape.pattern}"
    return f"any {shape.__name__}" if isinstance(shape, type) else str(shape)


def _field(key: str, shape: dict):
    """What the field may be; None: it may not be."""
    for name in (key, key + "?"):
        if name in shape:
            return shape[name]
    return next((inner for name, inner in shape.items() if isinstance(name, re.Pattern) and name.fullmatch(key)), None)


def _of_object(value: dict, shape: dict, known: dict, path: str) -> list:
    found = []
    for key, inner in value.items():
        wanted = _field(key, shape)
        found += [f"{path}.{key}: nobody has asked for it"] if wanted is None else wrong(inner, wanted, known, f"{path}.{key}")
    return found + [f"{path}.{key}: is missing" for key in shape if isinstance(key, str) and key[-1] != "?" and key not in value]


def _of_list(value: list, shapes: list, known: dict, path: str) -> list:
    found = [problem for number, (one, shape) in enumerate(zip(value, shapes)) for problem in wrong(one, shape, known, f"{path}.{number}")]
    return found if len(value) == len(shapes) else [*found, f"{path}: has {len(value)} entries, not {len(shapes)}"]


def wrong(value, shape, known: dict, path: str = "") -> list:
    """Where `value` is not of that shape: a line each, which begins with the path of a field."""
    if isinstance(shape, tuple):
        tried = []
        for one in shape:
            tried.append(wrong(value, one, known, path))
            if not tried[-1]:
                return []
        # What was meant is what it looks like most.
        return min(tried, key=len)
    if isinstance(shape, Each) and isinstance(value, list):
        return _of_list(value, [shape.shape] * max(len(value), shape.least), known, path)
    if isinstance(shape, list) and isinstance(value, list):
        return _of_list(value, shape, known, path)
    if isinstance(shape, dict) and isinstance(value, dict):
        return _of_object(value, shape, known, path)
    if isinstance(shape, str):
        shape = shape.format(**known)
    return [] if _fits(value, shape) else [f"{path}: is {value!r}, not {_told(shape)}"]
