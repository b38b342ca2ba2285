"""Waits for what cannot be waited for otherwise than by looking."""

import time
from collections.abc import Callable

PATIENCE_S = 60


def await_true(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    give_up = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not come"
        time.sleep(0.2)
