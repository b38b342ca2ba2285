"""Writes what is generated from the contracts, or with --check says what has drifted.

usage: main.py [--check] DESCRIPTOR_SET ROOT
"""

import json
import pathlib
import sys

import yaml

import contracts
import document
import routes

NOTE = "# Generated from the contracts by scripts/openapi; do not edit.\n"


class Dumper(yaml.SafeDumper):
    """Long texts as blocks, no aliases."""

    def ignore_aliases(self, data):
        return True


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def generated(descriptors: pathlib.Path) -> dict:
    known = contracts.Contracts(descriptors.read_bytes())
    text = yaml.dump(document.document(known), Dumper=Dumper, sort_keys=False, width=140, allow_unicode=True)
    return {
        "docs/api/openapi.yaml": NOTE + text,
        "deploy/envoy/methods.json": json.dumps(routes.routes(known), indent=2) + "\n",
    }


def main(arguments: list) -> int:
    check = "--check" in arguments
    descriptors, root = (pathlib.Path(a) for a in arguments if a != "--check")
    drifted = []
    for name, text in generated(descriptors).items():
        path = root / name
        if check and (not path.exists() or path.read_text() != text):
            drifted.append(name)
        elif not check:
            path.write_text(text)
    for name in drifted:
        print(f"{name} is not what the contracts say; run scripts/openapi", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
