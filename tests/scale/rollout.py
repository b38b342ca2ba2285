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


def pre_stop_s(service: str) -> float:
    (container,) = deployment(service)["template"]["spec"]["containers"]
    return container["lifecycle"]["preStop"]["sleep"]["seconds"]


def pause_s(service: str) -> float:
    return deployment(service)["minReadySeconds"]


def roll_out(fleet: Fleet, service: str, pause: float) -> None:
    """maxSurge 1, maxUnavailable 0: the next pod does not wait for the end of the one that goes."""
    ends = []
    for old in list(fleet.replicas[service]):
        fleet.start(service)
        time.sleep(pause)
        fleet.forget(old)
        ends.append(threading.Thread(target=end, args=(old,)))
        ends[-1].start()
    for one in ends:
        one.join()


def end(replica) -> None:
    time.sleep(pre_stop_s(replica.service))
    replica.stop()
