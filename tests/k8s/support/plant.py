"""What mistakes are made in: what an overlay renders, to be changed in one place. Each mistake says which check has to find it."""

import functools
import pickle

from support.rendering import render


@functools.cache
def rendered(overlay: str) -> list:
    return render(overlay)


@functools.cache
def _packed(overlay: str) -> bytes:
    return pickle.dumps(rendered(overlay))


class Plant:
    """What a mistake is made in."""

    def __init__(self, overlay: str):
        self.overlay = overlay
        self.documents = pickle.loads(_packed(overlay))

    def find(self, kind: str, name: str) -> dict:
        return next(one for one in self.documents if one["kind"] == kind and one["metadata"]["name"].startswith(name))

    def remove(self, kind: str, name: str) -> None:
        self.documents.remove(self.find(kind, name))

    def pod(self, name: str, kind: str = "Deployment") -> dict:
        return self.find(kind, name)["spec"]["template"]["spec"]

    def container(self, name: str, kind: str = "Deployment") -> dict:
        return self.pod(name, kind)["containers"][0]

    def policy(self, name: str) -> dict:
        return self.find("NetworkPolicy", name)["spec"]

    def settings(self, name: str) -> dict:
        """The ConfigMap of that name, whatever its hash."""
        return self.find("ConfigMap", f"orewatch-{name}-")["data"]

    def replace(self, name: str, old: str, new: str) -> None:
        """In the arguments of the container of a Deployment."""
        container = self.container(name)
        assert any(old in argument for argument in container["args"]), old
        container["args"] = [argument.replace(old, new) for argument in container["args"]]


MISTAKES = {}


def mistake(check: str, overlay: str = "prod"):
    def register(make):
        name = make.__name__.replace("_", "-")
        assert name not in MISTAKES, name
        MISTAKES[name] = (check, overlay, make)
        return make

    return register
