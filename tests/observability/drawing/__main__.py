"""Draws every dashboard from a Prometheus that has scraped the services under load."""

import argparse
import pathlib
import tempfile

from drawing.board import draw
from programs.process import ROOT
from support.dashboards import boards
from support.stack import stack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=150, help="how long the services are under load (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/operations/dashboards", help="folder for the pictures (default: %(default)s)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, stack(pathlib.Path(folder), args.seconds) as running:
        surprises = running.load.surprises()
        assert not surprises, surprises
        for name, board in boards().items():
            draw(board, running.prometheus, running.since, running.until, args.out / f"{name}.png")
            print(args.out / f"{name}.png")


main()
