"""Mistakes that nobody has thought of: each field of a manifest is taken away, is changed, and each that its schema has beside it is added."""

import copy

from support.checks import failures
from support.manifests import Manifests
from support.plant import Plant
from support.schemas import KUBERNETES, problems, schema_of

# Without these it is no such object at all.
WHOLE = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name")}
# Made by the API server, or of no meaning to it.
NOT_OURS = {"status", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "resourceVersion", "selfLink", "uid", "generateName"}
PLANTED = "planted"


def _fields(node, path: tuple = ()):
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield (*path, key), value
        yield from _fields(value, (*path, key))


def taken_away(document: dict):
    """(path, None): what is there no more."""
    for path, _ in list(_fields(document)):
        if path not in WHOLE:
            yield path, None


def changed(document: dict):
    """(path, value): another than there was."""
    others = {bool: lambda value: not value, int: lambda value: 1000 * value + 7, str: lambda _: PLANTED}
    for path, value in list(_fields(document)):
        if type(value) in others and path not in WHOLE:
            yield path, others[type(value)](value)


def _sample(schema: dict, resolve, depth: int = 0):
    schema = resolve(schema)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((one for one in kinds if one != "null"), "string") if isinstance(kinds, list) else kinds
    if choices := [one for one in schema.get("enum", []) if one is not None]:
        return choices[0]
    if kind == "object" and depth < 4:
        wanted = {name: _sample(inner, resolve, depth + 1) for name, inner in schema.get("properties", {}).items() if name in schema.get("required", [])}
        return wanted or ({} if schema.get("properties") else {PLANTED: PLANTED})
    if kind == "array":
        return [_sample(schema.get("items", {}), resolve, depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True}.get(kind, PLANTED)


def _added(node, schema: dict, resolve, path: tuple):
    schema = resolve(schema)
    if isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _added(inner, schema.get("items", {}), resolve, (*path, number))
        # Once more, if that is all that there may be in it.
        yield (*path, len(node)), copy.deepcopy(node[-1]) if node else PLANTED
    elif isinstance(node, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, inner in node.items():
            yield from _added(inner, known.get(name, others if isinstance(others, dict) else {}), resolve, (*path, name))
        yield (*path, PLANTED), PLANTED
        for name, inner in known.items():
            if name not in node and name not in NOT_OURS:
                yield (*path, name), _sample(inner, resolve)


def added(document: dict):
    """(path, value): what was not there. Of each object every field that its schema has, and one that nobody knows; of each list one more."""
    schema, resolve = schema_of(document)
    yield from list(_added(document, schema, resolve, ()))


class Tampered:
    """One object of an overlay, in which one field after another is tampered with."""

    def __init__(self, kind: str, name: str, overlay: str):
        self._overlay, self._plant = overlay, Plant(overlay)
        self.document = self._plant.find(kind, name)
        # Policies make sense together, and need nothing else.
        self._near = [one for one in self._plant.documents if one["kind"] == kind == "NetworkPolicy"]

    def _noticed(self) -> bool:
        if failures(self._overlay, Manifests([self.document]), {"allowed"}):
            return True
        if self._near and failures(self._overlay, Manifests(self._near), {"network"}):
            return True
        # What the API server turns down no check has to make sense of.
        return bool(problems(self.document, KUBERNETES[0]) or failures(self._overlay, Manifests(self._plant.documents)))

    def unnoticed(self, ways) -> list:
        """Paths at which neither a schema nor a check finds anything wrong."""
        found = []
        for (*above, key), value in ways(self.document):
            parent = self.document
            for one in above:
                parent = parent[one]
            before = copy.copy(parent)
            if value is None:
                del parent[key]
            elif isinstance(parent, list) and key == len(parent):
                parent.append(value)
            else:
                parent[key] = value
            if not self._noticed():
                found.append(".".join(map(str, (*above, key))))
            # In place and in order, as it was.
            parent.clear()
            parent.extend(before) if isinstance(parent, list) else parent.update(before)
        return found
