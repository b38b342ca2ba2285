"""Path templates of google.api.http, as OpenAPI and the edge have them."""

import dataclasses
import re

# What a segment looks like, by its collection, or by the field that it is alone; services/registry/domain/resource_names.cc has the rule of
# names.
KEBAB = "^[a-z0-9][a-z0-9-]{0,62}$"
SEGMENTS = {
    "countries": "^[A-Z]{2}$",
    "blocs": "^[A-Z0-9]{1,63}$",
    "alerts": "^[a-z0-9][a-z0-9-]{0,127}$",
    "sequence": "^[0-9]{1,19}$",
}
SINGULAR = {
    "countries": "country",
    "facilities": "facility",
}
VARIABLE = re.compile(r"\{([a-z_.]+)(?:=([^}]*))?\}")


def singular(collection: str) -> str:
    return SINGULAR.get(collection, collection.removesuffix("s"))


def pattern_of(collection: str) -> str:
    return SEGMENTS.get(collection, KEBAB)


@dataclasses.dataclass(frozen=True)
class Parameter:
    name: str
    collection: str
    pattern: str


@dataclasses.dataclass(frozen=True)
class Path:
    # As OpenAPI writes it: one parameter for each free segment.
    text: str
    parameters: tuple[Parameter, ...]
    # Field paths that the template binds.
    fields: tuple[str, ...]

    def regex(self) -> str:
        """Of the same paths, for a router. A segment holds no colon, with which a verb begins."""
        return re.sub(r"\\\{[a-z_]+\\\}", "[^/:]+", re.escape(self.text).replace(r"\-", "-"))


def parse(template: str) -> Path:
    parameters, fields = [], []

    def spelled(match: re.Match) -> str:
        fields.append(match.group(1))
        segments = (match.group(2) or "*").split("/")
        out = []
        for i, segment in enumerate(segments):
            if segment != "*":
                out.append(segment)
                continue
            collection = segments[i - 1] if i > 0 else match.group(1)
            name = singular(collection)
            parameters.append(Parameter(name, collection, pattern_of(collection)))
            out.append("{" + name + "}")
        return "/".join(out)

    return Path(VARIABLE.sub(spelled, template), tuple(parameters), tuple(fields))
