"""As `kubectl create` sends what it makes itself: the few messages of Kubernetes' own encoding that it uses."""

import base64

MAGIC = b"k8s\0"
# Of each kind: number of a field, its name, and what is in it.
METADATA = {1: ("name", "text"), 2: ("generateName", "text"), 3: ("namespace", "text"), 11: ("labels", "texts"), 12: ("annotations", "texts")}
KINDS = {
    "Namespace": {},
    "ConfigMap": {2: ("data", "texts")},
    "Secret": {2: ("data", "bytes"), 3: ("type", "text")},
}


def _varint(data: bytes, place: int) -> tuple:
    value = shift = 0
    while True:
        byte = data[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80:
            return value, place


def _fields(data: bytes):
    """(number, bytes) of those that have a length; numbers are of no interest here."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        value, after = _varint(data, place)
        if tag & 7 == 2:
            yield tag >> 3, data[after : after + value]
            after += value
        place = after


def _message(data: bytes, known: dict) -> dict:
    found = {}
    for number, value in _fields(data):
        name, what = known.get(number, (None, None))
        if what == "text" and value:
            found[name] = value.decode()
        elif what in ("texts", "bytes"):
            entry = {1: b"", 2: b"", **dict(_fields(value))}
            found.setdefault(name, {})[entry[1].decode()] = entry[2].decode() if what == "texts" else base64.b64encode(entry[2]).decode()
    return found


def decoded(body: bytes) -> dict:
    envelope = dict(_fields(body.removeprefix(MAGIC)))
    about = _message(envelope[1], {1: ("apiVersion", "text"), 2: ("kind", "text")})
    parts = dict(_fields(envelope[2]))
    return {**about, "metadata": _message(parts[1], METADATA), **_message(envelope[2], KINDS[about["kind"]])}
