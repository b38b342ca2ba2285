"""Pods replaced as the manifests say."""

import threading
import time

import yaml

from fleet import Fleet
from programs.process import ROOT


def deployment(service: str) -> dict:
    return yaml.safe_load((ROOT / f"k8s/base/{service}/deployment.yaml").read_text())["spec"]


def drain_flags() -> dict:
    """Those with which the gateway's pods run, and all others with them."""
    (container,) = deployment("gateway")["template"]["spec"]["containers"]
    flags = dict(argument.lstrip("-").split("=", 1) for argument in container["args"] if argument.startswith("--drain"))
    assert flags
    return flags


def serves_on_s(service: str) -> float:
    """After it was told to go."""
    (container,) = deployment(service)["template"]["spec"]["containers"]
    return container["lifecycle"]["preStop"]["sleep"]["seconds"]


def replace(fleet: Fleet, service: str, serves_on: float) -> None:
    """As a drain of all nodes does it: as soon as a new pod is ready an old one goes, and nobody waits for its end."""
    ends = []
    for old in list(fleet.replicas[service]):
        fleet.start(service)
        fleet.forget(old)
        ends.append(threading.Thread(target=end, args=(old, serves_on)))
        ends[-1].start()
    for one in ends:
        one.join()


def end(replica, serves_on: float) -> None:
    time.sleep(serves_on)
    replica.stop()
