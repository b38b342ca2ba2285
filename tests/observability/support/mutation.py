"""Expressions of PromQL with one thing changed: an operator, a function, a label, a matcher; beside the numbers that support.rules changes."""

import re

from support.rules import Mutant, mutants
from support.series import seconds

STRING = re.compile(r'"[^"]*"')
# What stands for what, where it is found outside of strings; the first pattern of a kind that fits at a place counts.
OTHERS = [
    (re.compile(r"(?<=[\s)])>(?= bool)"), ("<", ">=")),
    (re.compile(r"(?<=[\s)])>(?=\s(?!bool))"), ("<", ">=")),
    (re.compile(r"=="), ("!=",)),
    (re.compile(r"(?<=\s)-(?=\s)"), ("+",)),
    (re.compile(r"(?<=\s)\+(?=\s)"), ("-",)),
    (re.compile(r"(?<=\s)/(?=\s)"), ("*",)),
    (re.compile(r"(?<=\s)\*(?=\s)"), ("/",)),
    (re.compile(r"\bor\b"), ("unless", "and")),
    (re.compile(r"\band\b"), ("unless", "or")),
    (re.compile(r"\bsum(?= (?:by|without) )"), ("max", "count")),
    (re.compile(r"\bmax(?= (?:by|without) )"), ("min", "sum")),
    (re.compile(r"\bby\b"), ("without",)),
    (re.compile(r"\bwithout\b"), ("by",)),
    (re.compile(r"\brate(?=\()"), ("increase", "irate")),
    (re.compile(r"\bunless\b"), ("and", "or")),
    (re.compile(r"\bmin_over_time\b"), ("max_over_time",)),
    (re.compile(r"\bmax_over_time\b"), ("min_over_time",)),
    (re.compile(r"\bavg_over_time\b"), ("max_over_time", "sum_over_time")),
    (re.compile(r"\bsum_over_time\b"), ("avg_over_time", "max_over_time")),
    (re.compile(r"\bclamp_max\b"), ("clamp_min",)),
]
LABELS = re.compile(r"\b(by|without|on) \(([^()]*)\)")
OFFSET = re.compile(r"\boffset (\d+[smhd])")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"(, )?')
NEGATED = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}


def recording_mutants(rule: dict) -> list[Mutant]:
    """The rule with each of its numbers, operators, functions, labels and matchers changed, one at a time."""
    expression = rule["expr"]
    places = [*_operators(expression), *_labels(expression), *_matchers(expression)]
    made = [
        Mutant(f"{expression[start:end]!r} at {start} -> {other!r}", rule | {"expr": expression[:start] + other + expression[end:]})
        for start, end, other in places
    ]
    return mutants(rule) + made + _offsets(rule)


def _offsets(rule: dict) -> list[Mutant]:
    """What lies back, by half and by twice as much."""
    made = []
    for found in OFFSET.finditer(rule["expr"]):
        for factor in (0.5, 2):
            other = f"{seconds(found[1]) * factor * 1000:.0f}ms"
            made.append(Mutant(f"offset {found[1]} -> {other}", rule | {"expr": rule["expr"][: found.start(1)] + other + rule["expr"][found.end(1) :]}))
    return made


def _operators(expression: str):
    blanked = STRING.sub(lambda text: " " * len(text[0]), expression)
    for pattern, others in OTHERS:
        for found in pattern.finditer(blanked):
            yield from ((found.start(), found.end(), other) for other in others)


def _labels(expression: str):
    """Without each label of a list."""
    for found in LABELS.finditer(expression):
        labels = found[2].split(", ")
        for label in labels:
            yield found.start(2), found.end(2), ", ".join(other for other in labels if other != label)


def _matchers(expression: str):
    """Without a matcher, with its opposite, and with less than all that it takes."""
    for found in MATCHER.finditer(expression):
        yield found.start(), found.end(), ""
        yield found.start(2), found.end(2), NEGATED[found[2]]
        if found[2] in ("=~", "!~"):
            yield from ((found.start(3), found.end(3), other) for other in _narrower(found[3]))


def _narrower(regex: str):
    for pattern in (r"\w+\|", r"\|\w+(?=\)|$)", r"\.\+(?=\||$)"):
        for part in re.finditer(pattern, regex):
            yield regex[: part.start()] + regex[part.end() :]
    for part in re.finditer(r"\(([^|()]*)\)\?", regex):
        for other in (part[1], ""):
            yield regex[: part.start()] + other + regex[part.end() :]
