"""Reads messages in protobuf's text format, without their schema: what it does not understand is an error."""

import json
import re

SKIPPED = re.compile(r"(?:\s|#[^\n]*\n)*")
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
TOKEN = re.compile(rf"""{NAME}|[-+]?[0-9][0-9A-Za-z.+-]*|[{{}}<>:,;\[\]]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")


class NotUnderstood(ValueError):
    """Text that is no message."""


def _tokens(text: str) -> list:
    # A comment ends with its line, which the last need not do.
    text += "\n"
    found, at = [], SKIPPED.match(text).end()
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise NotUnderstood(text[at : at + 40].strip())
        found.append(token[0])
        at = SKIPPED.match(text, token.end()).end()
    return found


def _value(tokens: list):
    token = tokens.pop()
    if token in ("{", "<"):
        return _message(tokens, until={"{": "}", "<": ">"}[token])
    if token[:1] in ('"', "'"):
        text = json.loads(f'"{token[1:-1]}"')
        # Neighbours are one text.
        return text + _value(tokens) if tokens[-1][:1] in ('"', "'") else text
    if token in ("", *"}>:,;[]"):
        raise NotUnderstood(f"{token} where a value should be")
    return token


def _values(tokens: list) -> list:
    if tokens[-1] != "[":
        return [_value(tokens)]
    tokens.pop()
    found = []
    while tokens[-1] != "]":
        found.append(_value(tokens))
        if tokens[-1] == ",":
            tokens.pop()
    tokens.pop()
    return found


def _message(tokens: list, until: str) -> dict:
    fields = {}
    while tokens[-1] != until:
        name = tokens.pop()
        if not re.fullmatch(NAME, name):
            raise NotUnderstood(f"{name} where a field should be")
        if tokens[-1] == ":":
            tokens.pop()
        elif tokens[-1] not in ("{", "<"):
            raise NotUnderstood(f"{tokens[-1]} after {name}")
        fields.setdefault(name, []).extend(_values(tokens))
        if tokens[-1] in (",", ";"):
            tokens.pop()
    tokens.pop()
    return fields


def message(text: str) -> dict:
    """By the name of a field all values that it is given, however they are written."""
    try:
        # The first of them last, where it is taken from.
        return _message([*reversed(_tokens(text) + [""])], until="")
    except (IndexError, json.JSONDecodeError) as wrong:
        raise NotUnderstood("it ends too early, or a text is not one") from wrong


def single(fields, repeated: set):
    """The same, with each field's one value where it is none of those that may have several."""
    if not isinstance(fields, dict):
        return fields
    values = {name: [single(one, repeated) for one in given] for name, given in fields.items()}
    return {name: given[0] if len(given) == 1 and name not in repeated else given for name, given in values.items()}
