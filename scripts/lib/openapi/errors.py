"""Answers that are errors. Which status is which code is the edge's doing; docs/api/rest.md has the table."""

import re

BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT = "400", "401", "403", "404", "409"
TOO_LARGE, TOO_MANY, HEADERS_TOO_LARGE, UNAVAILABLE, TOO_LATE = "413", "429", "431", "503", "504"

CODES = {
    "INVALID_ARGUMENT": BAD_REQUEST,
    "FAILED_PRECONDITION": BAD_REQUEST,
    "OUT_OF_RANGE": BAD_REQUEST,
    "UNAUTHENTICATED": UNAUTHENTICATED,
    "PERMISSION_DENIED": FORBIDDEN,
    "NOT_FOUND": NOT_FOUND,
    "ALREADY_EXISTS": CONFLICT,
    "ABORTED": CONFLICT,
    "RESOURCE_EXHAUSTED": TOO_MANY,
    "UNAVAILABLE": UNAVAILABLE,
    "DEADLINE_EXCEEDED": TOO_LATE,
}
TEXTS = {
    BAD_REQUEST: "INVALID_ARGUMENT (`details` name each field), FAILED_PRECONDITION or OUT_OF_RANGE.",
    UNAUTHENTICATED: "UNAUTHENTICATED: no credential, or one that is not good.",
    FORBIDDEN: "PERMISSION_DENIED: the caller's role is too low, or the thing is another's.",
    NOT_FOUND: "NOT_FOUND: it does not exist, or the caller may not see it.",
    CONFLICT: "ALREADY_EXISTS, or ABORTED: the etag is not that of the newest state.",
    TOO_LARGE: "RESOURCE_EXHAUSTED: the body is too large.",
    TOO_MANY: "RESOURCE_EXHAUSTED: overload or quota; `details` say when to try again.",
    HEADERS_TOO_LARGE: "RESOURCE_EXHAUSTED: the path and the headers are too large.",
    UNAVAILABLE: "UNAVAILABLE: the service, or what it stands on, cannot be reached now.",
    TOO_LATE: "DEADLINE_EXCEEDED: there was no answer in time.",
}
# Whatever is called.
ALWAYS = {BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, TOO_MANY, HEADERS_TOO_LARGE, UNAVAILABLE, TOO_LATE}
# What a method of this kind says, where its comment leaves it to that of its service.
WRITES = re.compile(r"^(Create|Update|Delete|Undelete|Apply|Import|Acknowledge|Unacknowledge|Snooze|Comment|Assign|Resolve|Replay)")


def responses(method, binding, comment: str) -> dict:
    told = {CODES[code] for code in CODES if re.search(rf"\b{code}\b", comment)}
    statuses = ALWAYS | told | {NOT_FOUND}
    if binding.body:
        statuses.add(TOO_LARGE)
    if WRITES.match(method.name):
        statuses.add(CONFLICT)
    return {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses & set(TEXTS))}


def components(status: dict) -> dict:
    content = {"application/json": {"schema": status}}
    return {number: {"description": text, "content": content} for number, text in TEXTS.items()}
