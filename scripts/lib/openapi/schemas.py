"""JSON schemas of messages, as proto JSON has them and the edge takes and gives them."""

from google.protobuf.descriptor import FieldDescriptor as Field

import bounds

INT64 = {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"}
UINT64 = {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"}
SCALARS = {
    Field.TYPE_DOUBLE: {"type": "number", "format": "double"},
    Field.TYPE_FLOAT: {"type": "number", "format": "float"},
    Field.TYPE_BOOL: {"type": "boolean"},
    Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_BYTES: {"type": "string", "format": "byte", "pattern": "^[A-Za-z0-9+/]*={0,2}$"},
    Field.TYPE_INT32: {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    Field.TYPE_SINT32: {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    Field.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    Field.TYPE_INT64: INT64,
    Field.TYPE_SINT64: INT64,
    Field.TYPE_UINT64: UINT64,
}
WELL_KNOWN = {
    "google.protobuf.Timestamp": {
        "type": "string", "format": "date-time",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
    },
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string", "description": "Names of fields, in camelCase, with commas between."},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.Any": {
        "type": "object",
        "description": "A message of the type that `@type` names.",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
        "additionalProperties": True,
    },
}


def is_map(field) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def is_repeated(field) -> bool:
    return field.is_repeated and not is_map(field)


class Schemas:
    """Gathers the components that operations refer to, each once."""

    def __init__(self, contracts):
        self._contracts = contracts
        self._done = {}

    def components(self) -> dict:
        return dict(sorted(self._done.items()))

    def reference(self, message) -> dict:
        if message.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.full_name])
        name = component_name(message)
        if name not in self._done:
            # Before its fields: a message may hold itself.
            self._done[name] = {}
            self._done[name].update(self._object(message))
        return {"$ref": f"#/components/schemas/{name}"}

    def without(self, message, left_out: set) -> dict:
        """A body that lacks what the path says already."""
        return self._object(message, left_out)

    def enum(self, kind) -> dict:
        name = component_name(kind)
        if name not in self._done:
            scope = kind.full_name
            lines = [self._contracts.comment(scope)]
            told = [(value.name, self._contracts.comment(f"{scope}.{value.name}")) for value in kind.values]
            lines += [f"* `{value}`: {comment}" for value, comment in told if comment]
            self._done[name] = {"type": "string", "enum": [value.name for value in kind.values]}
            described(self._done[name], "\n".join(line for line in lines if line))
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, field) -> dict:
        if is_map(field):
            value = field.message_type.fields_by_name["value"]
            schema = {"type": "object", "additionalProperties": self._single(value)}
        elif is_repeated(field):
            schema = {"type": "array", "items": self._single(field)}
        else:
            schema = self._single(field)
        schema = schema | bounds.of(field, self._contracts.comment(field.full_name))
        return self._with_comment(schema, field)

    def _single(self, field) -> dict:
        if field.message_type is not None:
            return self.reference(field.message_type)
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        return dict(SCALARS[field.type])

    def _with_comment(self, schema: dict, field) -> dict:
        comment = self._contracts.comment(field.full_name)
        if "Output only" in comment:
            schema["readOnly"] = True
        if comment and "description" in schema:
            comment = f"{comment} {schema['description']}"
        return described(schema, comment)

    def _object(self, message, left_out: frozenset = frozenset()) -> dict:
        """Open to further properties: contracts grow, and the edge passes over what it does not know."""
        fields = [field for field in message.fields if field.name not in left_out]
        schema = {"type": "object", "properties": {field.json_name: self.field(field) for field in fields}}
        choices = [_at_most_one(oneof) for oneof in message.oneofs if not _is_optional(oneof)]
        if len(choices) == 1:
            schema |= choices[0]
        elif choices:
            schema["allOf"] = choices
        return described(schema, self._contracts.comment(message.full_name))


def either_name_or_number(kind) -> dict:
    """As a parameter an enum may be given by either."""
    return {"enum": [value.name for value in kind.values] + [value.number for value in kind.values]}


def component_name(kind) -> str:
    """`registry.Mineral`: the package without what all have in common; a version is part of the path."""
    parts = kind.full_name.split(".")
    return ".".join(part for part in parts if part not in ("orewatch", "google", "v1"))


def described(schema: dict, text: str) -> dict:
    if text:
        schema["description"] = text
    return schema


def _is_optional(oneof) -> bool:
    """A field marked `optional` is a oneof of its own, made up by the compiler."""
    return len(oneof.fields) == 1 and oneof.name == f"_{oneof.fields[0].name}"


def _at_most_one(oneof) -> dict:
    given = [{"required": [field.json_name]} for field in oneof.fields]
    return {"oneOf": [*given, {"not": {"anyOf": given}}]}
