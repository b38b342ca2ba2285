"""How prometheus-adapter makes the metrics that the autoscalers ask for."""

import re

import yaml

from support.rendering import K8S


def adapter_series() -> dict:
    """By the name under which prometheus-adapter serves it, the series that a metric is made of."""
    rules = yaml.safe_load((K8S / "components/autoscaling/prometheus-adapter.yaml").read_text())["rules"]["custom"]
    served = {}
    for rule in rules:
        series = rule["seriesQuery"].partition("{")[0]
        name = re.sub(rule["name"]["matches"], re.sub(r"\$\{?(\d)\}?", r"\\g<\1>", rule["name"]["as"]), series)
        served[name] = series
    return served
