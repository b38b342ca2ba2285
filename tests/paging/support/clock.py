"""A clock of one process that is wrong, while that of the machine is right."""

import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_name("shifted_clock.cc")


class ShiftedClock:
    """Of the processes that get its environment."""

    def __init__(self, folder: pathlib.Path):
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        self._library = folder / "shifted_clock.so"
        compiler = os.environ.get("CXX", "c++")
        subprocess.run([compiler, "-std=c++20", "-O1", "-shared", "-fPIC", "-o", self._library, SOURCE], check=True)

    def environment(self) -> dict:
        return {"SHIFTED_CLOCK": str(self._file), "LD_PRELOAD": str(self._library)}

    def is_ahead_by(self, seconds: int) -> None:
        """From now on."""
        # In place: they have the file in their memory.
        with self._file.open("r+b") as file:
            file.write((seconds * 1_000_000_000).to_bytes(8, "little", signed=True))
