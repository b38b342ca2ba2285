"""What access.textproto may grant, and to whom (docs/security.md)."""

import re

from support.shapes import Each


def _service(name: str, role: str, more: dict) -> dict:
    return {"identity": f"uri:spiffe://orewatch/{name}", "grant": {"principal": f"orewatch-{name}", "role": role, "service": "true"} | more}


SPEAKS = {"may_speak_for_others": "true"}
CALLER = re.compile(r"(?!orewatch)[!-~]{1,128}")
# A machine that only looks, until its key ends.
KEY = {
    "id": re.compile("[a-z0-9-]{4,32}"),
    "secret_sha256": re.compile("[0-9a-f]{64}"),
    "grant": {"principal": CALLER, "role": ("ROLE_VIEWER", "ROLE_ANALYST")},
    "scopes?": Each(str),
    "expire_time": re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"),
    "revoked?": "true",
}
RIGHTS = {
    # Of our services, and of no other certificate: no higher than what each does asks for.
    "certificates": [_service("alerting", "ROLE_ANALYST", SPEAKS), _service("gateway", "ROLE_OPERATOR", SPEAKS), _service("risk", "ROLE_ANALYST", {})],
    "keys?": Each(KEY),
    # Whose tokens are taken no more.
    "subjects?": Each({"grant": {"principal": CALLER}, "denied": "true"}),
}
