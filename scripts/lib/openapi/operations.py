"""Operations: one for each REST form of each method."""

from google.protobuf.descriptor import FieldDescriptor as Field

import errors
import schemas as js
import templates

SUCCESS = "200"
# Of query parameters, where everything is text and quotes would only be in the way.
QUERY_INT64 = {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1}
TIMEOUT = {
    "name": "grpc-timeout",
    "in": "header",
    "description": "How long the caller waits: 1 to 8 digits and a unit (H, M, S, m for milliseconds, u, n). A stream ends with it.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,8}[HMSmun]$"},
}


class Operations:
    def __init__(self, contracts, schemas: js.Schemas):
        self._contracts = contracts
        self._schemas = schemas

    def of(self, method) -> list:
        """(path, verb, operation) of each REST form; the first has the plain name."""
        out = []
        for i, binding in enumerate(self._contracts.bindings(method)):
            path = templates.parse(binding.template)
            operation = self._operation(method, binding, path)
            if i > 0:
                operation["operationId"] += f"_{binding.verb}"
            out.append((path.text, binding.verb, operation))
        return out

    def _operation(self, method, binding, path) -> dict:
        for name in path.fields:
            _check_field(method, name)
        access = self._contracts.access(method)
        comment = self._contracts.comment(method.full_name)
        operation = {
            "operationId": f"{method.containing_service.name}_{method.name}",
            "tags": [method.containing_service.name],
            "summary": comment.partition(". ")[0].rstrip("."),
            "description": f"{comment}\n\n{_asks(access)}{_streams(method)}",
            "x-orewatch-role": access.role,
        }
        if method.client_streaming or method.server_streaming:
            operation["x-orewatch-stream"] = True
        operation["parameters"] = self._parameters(method, binding, path)
        if binding.body:
            operation["requestBody"] = self._body(method, binding, path)
        operation["responses"] = {SUCCESS: self._answer(method)} | errors.responses(method, binding, comment)
        return operation

    def _parameters(self, method, binding, path) -> list:
        listed = [
            {"name": p.name, "in": "path", "required": True, "schema": {"type": "string", "pattern": p.pattern}}
            for p in path.parameters
        ]
        if binding.body != "*":
            taken = set(path.fields) | {binding.body}
            listed += self._query(method.input_type, "", "", taken)
        return listed + [{"$ref": "#/components/parameters/timeout"}]

    def _query(self, message, prefix: str, dotted: str, taken: set, depth: int = 0) -> list:
        listed = []
        for field in message.fields:
            here = f"{dotted}{field.name}"
            name = f"{prefix}{field.json_name}"
            if here in taken or js.is_map(field):
                continue
            nested = field.message_type
            if nested is None or nested.full_name in js.WELL_KNOWN:
                listed.append(self._parameter(field, name))
            elif not js.is_repeated(field) and depth < 3:
                # A repeated message has no form in a query; the method has another binding where it matters.
                listed += self._query(nested, f"{name}.", f"{here}.", taken, depth + 1)
        return listed

    def _parameter(self, field, name: str) -> dict:
        schema = self._schemas.field(field)
        description = schema.pop("description", "")
        schema.pop("readOnly", None)
        if field.type in (Field.TYPE_INT64, Field.TYPE_SINT64) and not js.is_repeated(field):
            lowest = 0 if "minimum" in schema or schema["pattern"].startswith("^[0-9]") else QUERY_INT64["minimum"]
            schema = QUERY_INT64 | {"minimum": lowest}
        if field.enum_type is not None and not js.is_repeated(field):
            schema = js.either_name_or_number(field.enum_type)
        parameter = {"name": name, "in": "query", "schema": schema}
        if js.is_repeated(field):
            parameter |= {"style": "form", "explode": True}
        return js.described(parameter, description)

    def _body(self, method, binding, path) -> dict:
        message, scope = method.input_type, ""
        if binding.body != "*":
            message, scope = message.fields_by_name[binding.body].message_type, f"{binding.body}."
        bound = {field.removeprefix(scope) for field in path.fields if field.startswith(scope) and "." not in field.removeprefix(scope)}
        schema = self._schemas.without(message, bound) if bound else self._schemas.reference(message)
        if method.client_streaming:
            schema = {"type": "array", "items": schema}
        return {"required": True, "content": {"application/json": {"schema": schema}}}

    def _answer(self, method) -> dict:
        schema = self._schemas.reference(method.output_type)
        if not method.server_streaming:
            return {"description": "The answer.", "content": {"application/json": {"schema": schema}}}
        text = "Messages as they come, each a line of JSON."
        return {"description": text, "content": {"application/x-ndjson": {"schema": schema}}}


def _check_field(method, dotted: str) -> None:
    """A template that binds what the request does not have refuses every call."""
    message = method.input_type
    for name in dotted.split("."):
        field = message.fields_by_name.get(name) if message is not None else None
        if field is None:
            raise ValueError(f"{method.full_name}: its path binds '{dotted}', which its request does not have")
        message = field.message_type


def _asks(access) -> str:
    cost = "" if access.cost == 1 else f" Takes {access.cost} calls of the caller's allowance."
    return f"Needs the role {access.role}.{cost}"


def _streams(method) -> str:
    if method.client_streaming:
        return " The body is a list of messages, taken as they come."
    if method.server_streaming:
        return " Answers with a stream, each line a message; see docs/api/rest.md."
    return ""
