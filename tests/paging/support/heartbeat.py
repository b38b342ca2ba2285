"""How much time a machine has for us on which others work, too."""

import threading
import time

BEAT_S = 0.1


class Heartbeat:
    """Wakes ten times a second, and notes how much later than that."""

    def __init__(self):
        self._lost = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._thread.join()

    def lost_s(self, since: float) -> float:
        """Since a moment of time.monotonic(): what nobody here can have used."""
        return sum(lost for at, lost in list(self._lost) if at >= since)

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._ended.wait(BEAT_S):
            now = time.monotonic()
            # A beat that is late by less takes nothing from anybody.
            if now - last > 2 * BEAT_S:
                self._lost.append((now, now - last - BEAT_S))
            last = now
