"""The OpenAPI document as a whole."""

import errors
import operations
import schemas as js

OPENAPI = "3.0.3"
ABOUT = """Watches the supply chains of critical minerals: what is known of them, where they are fragile and why, and what changed.

The REST form of the gRPC services. JSON is proto JSON: 64-bit integers are strings, enums are names, fields at their default are left out.
Parameters that are not declared here are refused; fields of a body that are not are passed over. Every error is a `google.rpc.Status` whose `details` hold a
`google.rpc.ErrorInfo` with a stable `reason`. docs/api/rest.md says more."""
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of the configured issuer, or an API key."},
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "An API key, `ow_` and two parts."},
}
# What `details` of a Status may be; the wire says by `@type`.
DETAILS = ("ErrorInfo", "BadRequest", "RetryInfo", "QuotaFailure", "PreconditionFailure", "ResourceInfo", "RequestInfo")


def document(contracts) -> dict:
    schemas = js.Schemas(contracts)
    status = schemas.reference(contracts.message("google.rpc.Status"))
    for name in DETAILS:
        schemas.reference(contracts.message(f"google.rpc.{name}"))
    paths, tags = {}, []
    made = operations.Operations(contracts, schemas)
    for service in contracts.services():
        tags.append(js.described({"name": service.name}, contracts.comment(service.full_name)))
        for method in service.methods:
            for path, verb, operation in made.of(method):
                if verb in paths.setdefault(path, {}):
                    raise ValueError(f"{verb} {path} is taken twice")
                paths[path][verb] = operation
    return {
        "openapi": OPENAPI,
        "info": {"title": "orewatch", "version": "1", "description": ABOUT, "license": {"name": "see the repository"}},
        "servers": [{"url": "/", "description": "The edge: port 8080 unless configured otherwise."}],
        "security": [{"token": []}, {"key": []}],
        "tags": tags,
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": SECURITY,
            "parameters": {"timeout": operations.TIMEOUT},
            "responses": errors.components(status),
            "schemas": schemas.components(),
        },
    }
