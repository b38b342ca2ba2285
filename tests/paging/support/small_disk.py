"""A disk that can be filled without harm to others."""

import contextlib
import os
import pathlib
import subprocess

# Far more than the 64 MiB that rules want to be free: empty, it is no matter for them.
SIZE = 256 * 1024 * 1024


class SmallDisk:
    """A file system in memory at `folder`; only root may make one, for others it is a folder like any other."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.is_one = False

    def __enter__(self) -> "SmallDisk":
        self.folder.mkdir()
        if os.getuid() == 0:
            command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", self.folder]
            self.is_one = subprocess.run(command).returncode == 0
        return self

    def __exit__(self, *_) -> None:
        if self.is_one:
            subprocess.run(["umount", "--lazy", self.folder], check=True)

    @contextlib.contextmanager
    def holding(self, name: str, share: float):
        """As long as it lasts a file of that name takes this share of the disk."""
        assert self.is_one, "a disk of others is not filled"
        filler = self.folder / name
        try:
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, int(SIZE * share))
            yield
        finally:
            filler.unlink()

    @contextlib.contextmanager
    def filled(self):
        """To the last byte."""
        with self.holding("filler", 0.9):
            rest = self.folder / "rest"
            try:
                with contextlib.suppress(OSError), rest.open("wb", buffering=0) as file:
                    while file.write(bytes(4096)):
                        pass
                yield
            finally:
                rest.unlink()
