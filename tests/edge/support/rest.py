"""Calls of the REST form, each checked against what holds for all."""

import requests

GRPC_CODES = {"INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "ALREADY_EXISTS": 6, "PERMISSION_DENIED": 7,
              "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "ABORTED": 10, "OUT_OF_RANGE": 11, "UNIMPLEMENTED": 12,
              "UNAVAILABLE": 14, "UNAUTHENTICATED": 16}


class Rest:
    def __init__(self, edge, headers: dict):
        self.edge = edge
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._session.verify = str(edge.ca) if edge.ca else True
        # Neither a proxy nor certificates of the machine's.
        self._session.trust_env = False

    def call(self, verb: str, path: str, **given) -> requests.Response:
        return self._session.request(verb, f"{self.edge.url}{path}", timeout=given.pop("timeout", 30), **given)

    def get(self, path: str, **given) -> requests.Response:
        return self.call("GET", path, **given)

    def ok(self, verb: str, path: str, **given) -> dict:
        answer = self.call(verb, path, **given)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()


def error(answer: requests.Response, status: int, code: str) -> dict:
    """The google.rpc.Status of an answer, which has to have this status and code, and a reason."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["code"] == GRPC_CODES[code], told
    assert told["message"]
    assert detail(told, "ErrorInfo")["domain"] == "orewatch"
    return told


def detail(told: dict, kind: str) -> dict:
    found = [one for one in told["details"] if one["@type"] == f"type.googleapis.com/google.rpc.{kind}"]
    assert len(found) == 1, told
    return found[0]


def reason(told: dict) -> str:
    return detail(told, "ErrorInfo")["reason"]
