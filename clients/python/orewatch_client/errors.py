"""Errors as orewatch tells them: a code, a reason for programs, a sentence for people, and what can be done."""

import sys
import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeVar, cast

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

Answer = TypeVar("Answer")

# Of one persist(): whoever is told to wait longer than that in all gives up.
PATIENCE_SECONDS = 60.0
# Where the server says nothing of when.
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Problem:
    """What a failed call says about itself."""

    code: grpc.StatusCode
    # For people.
    message: str
    # For programs: stable, and finer than the code. Empty: the error comes from the network, not from orewatch.
    reason: str = ""
    # What the reason is about, such as the earliest revision that there still is.
    metadata: Mapping[str, str] = field(default_factory=dict)
    # (field, what is wrong with it), each field of the request that is.
    violations: tuple[tuple[str, str], ...] = ()
    # When a repetition may succeed; None: the server does not know.
    retry_seconds: float | None = None

    def __str__(self) -> str:
        lines = [f"{self.code.name}{f' ({self.reason})' if self.reason else ''}: {self.message}"]
        lines += [f"  {name}: {what}" for name, what in self.violations]
        return "\n".join(lines)


def problem_of(error: grpc.RpcError) -> Problem:
    """Reads code and google.rpc details of a failed call."""
    # What a call raises is a Call too; only the types do not say so.
    call = cast(grpc.Call, error)
    details = rpc_status.from_call(call)
    info = error_details_pb2.ErrorInfo()
    request = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    retry_seconds: float | None = None
    for detail in details.details if details else ():
        # Whatever else there is, now or later, is for others.
        if not detail.Unpack(info) and not detail.Unpack(request) and detail.Unpack(retry):
            retry_seconds = retry.retry_delay.ToTimedelta().total_seconds()
    return Problem(
        code=call.code(),
        message=call.details() or "",
        reason=info.reason,
        metadata=dict(info.metadata),
        violations=tuple((each.field, each.description) for each in request.field_violations),
        retry_seconds=retry_seconds,
    )


def persist(
    call: Callable[[], Answer],
    *,
    also: Set[grpc.StatusCode] = frozenset(),
    patience_seconds: float = PATIENCE_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Makes a call again as long as that may help.

    The server was too busy (RESOURCE_EXHAUSTED) and said for how long: waits. The credential was refused
    (UNAUTHENTICATED): once more, since the connection reads its file again. A code of `also`: waits, too; UNAVAILABLE
    belongs there for streams alone, since the channel repeats the other calls.
    """
    waited = 0.0
    renewed = False
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            problem = problem_of(error)
            if problem.code is grpc.StatusCode.UNAUTHENTICATED and not renewed:
                renewed = True
                continue
            told_to_wait = problem.code is grpc.StatusCode.RESOURCE_EXHAUSTED and problem.retry_seconds is not None
            pause = PAUSE_SECONDS if problem.retry_seconds is None else problem.retry_seconds
            if not (told_to_wait or problem.code in also) or waited + pause > patience_seconds:
                raise
            sleep(pause)
            waited += pause


ADVICE = {
    grpc.StatusCode.INVALID_ARGUMENT: "mend what is named and try again",
    grpc.StatusCode.NOT_FOUND: "there is no such thing, or it is not for you to see",
    grpc.StatusCode.ALREADY_EXISTS: "the name is taken, or was once",
    grpc.StatusCode.ABORTED: "somebody else changed it at the same time, again and again; try later",
    grpc.StatusCode.FAILED_PRECONDITION: "something else must be put right first",
    grpc.StatusCode.OUT_OF_RANGE: "there is no such revision (yet); ask without one",
    grpc.StatusCode.UNAUTHENTICATED: "the token or key is missing, wrong or expired; get a new one",
    grpc.StatusCode.PERMISSION_DENIED: "you may not do that; ask its owner, or whoever gives out roles",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "ask for less, or later",
    grpc.StatusCode.UNAVAILABLE: "the server is away; try later, and a write with the same request_id",
    grpc.StatusCode.DEADLINE_EXCEEDED: "no answer in time; repeat a write with the same request_id",
}


def run(program: Callable[[], int]) -> int:
    """The exit code of a program; a failed call is told in words."""
    try:
        return program()
    except grpc.RpcError as error:
        problem = problem_of(error)
        print(problem, file=sys.stderr)
        if problem.code in ADVICE:
            print(f"  {ADVICE[problem.code]}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
