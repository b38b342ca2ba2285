"""What values a field takes, where the contracts leave it to the text and the services check it."""

import re

import templates

NON_NEGATIVE = {"page_size", "min_revision", "limit", "since_revision", "after_sequence", "first_year", "last_year"}
# common/rpc/validate.cc.
LENGTHS = {"request_id": 128, "page_token": 4096}
RANGE = re.compile(r"[Ii]n \[0, ?1\]|Fraction of .* in \[0, ?1\]")


def of(field, comment: str) -> dict:
    name = field.name
    out = {}
    if name in NON_NEGATIVE:
        out |= {"pattern": "^[0-9]{1,19}$"} if field.type in (field.TYPE_INT64, field.TYPE_UINT64) else {"minimum": 0}
    if name in LENGTHS:
        out["maxLength"] = LENGTHS[name]
    if field.type == field.TYPE_DOUBLE and RANGE.search(comment):
        out |= {"minimum": 0, "maximum": 1}
    if field.type == field.TYPE_DOUBLE and re.search(r"[Aa]t least 0\b", comment):
        out["minimum"] = 0
    if name.endswith("_id") and field.containing_type.name == f"Create{_camel(name.removesuffix('_id'))}Request":
        out["pattern"] = templates.pattern_of(_collection(name.removesuffix("_id")))
    if field.containing_type.name == "SearchRequest" and name == "query":
        out |= {"minLength": 1, "maxLength": 256}
    return out


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _collection(singular: str) -> str:
    irregular = {one: many for many, one in templates.SINGULAR.items()}
    return irregular.get(singular, f"{singular}s")
