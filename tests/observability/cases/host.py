"""What a process has of its host: descriptors, a clock, certificates, settings."""

from support.case import Case
from support.series import counts, levels, seconds

JOB = 'job="orewatch-risk",instance="a"'
HERE = {"job": "orewatch-risk", "instance": "a"}


def descriptors(name: str, *phases, **expected) -> Case:
    series = {f"process_open_fds{{{JOB}}}": levels(*phases), f"process_max_fds{{{JOB}}}": levels(("30m", 1000))}
    return Case("OrewatchFileDescriptorsLow", name, series, severity="warning", labels=HERE, **expected)


def clock(name: str, skew_s: float, **expected) -> Case:
    """Right for ten minutes, then that much wrong, then right again."""
    jump = skew_s / 15
    series = {f"orewatch_clock_timestamp_seconds{{{JOB}}}": counts(("10m", 1), ("15s", 1 + jump), ("9m45s", 1), ("15s", 1 - jump), ("10m", 1))}
    return Case("OrewatchClockSkew", name, series, labels=HERE, **expected)


def certificate(severity: str, name: str, not_after: float, family: str = "certificate", usage: str = "server", **expected) -> Case:
    series = {f'orewatch_tls_{family}_not_after_timestamp_seconds{{{JOB},usage="{usage}"}}': levels(("3h", not_after), step="1m")}
    labels = {"job": "orewatch-risk", "usage": f"ca_{usage}" if family == "ca" else usage}
    return Case("OrewatchCertificateExpiringSoon", name, series, severity=severity, labels=labels, step="1m", **expected)


def certificates(severity: str, limit: str, fires: str, silent: str, left: str) -> list[Case]:
    soon = seconds(limit) + 600
    return [
        certificate(severity, f"{limit} are left", soon, fires=(fires,), silent=(silent,), says=f"The certificate server of orewatch-risk expires in {left}."),
        certificate(severity, "an authority expires", soon, "ca", "upstream", fires=(fires,), silent=(silent,)),
        certificate(severity, "it expired long ago", 1, fires=("2h",)),
        certificate(severity, "an authority expired long ago", 1, "ca", fires=("2h",)),
        certificate(severity, "there is none", 0, silent=("2h",)),
        certificate(severity, "there is no authority", 0, "ca", silent=("2h",)),
    ]


def reload(family: str, label: str, source: str) -> Case:
    return Case(
        "OrewatchConfigReloadFailed",
        f"new files of {source} cannot be used, then they can",
        {f"{family}{{{JOB},{label}}}": levels(("5m", 1), ("15m", 0), ("10m", 1))},
        fires=("10m", "19m45s"),
        silent=("9m45s", "20m"),
        severity="warning",
        labels=HERE | {"source": source},
        says=f"orewatch-risk on a could not take what is in its files: {source}.",
    )


def settings(instance: str, *phases) -> dict:
    return {f'orewatch_config_hash{{job="orewatch-risk",instance="{instance}"}}': levels(*phases)}


CASES = [
    Case(
        "OrewatchLogDropped",
        "the reader of the log stands still for a quarter of a minute",
        {f"orewatch_log_dropped_total{{{JOB}}}": counts(("5m", 0), ("15s", 1 / 15), ("30m", 0))},
        fires=("5m30s", "20m"),
        silent=("5m", "20m15s"),
        severity="warning",
        labels=HERE,
        says="1 lines of the log of orewatch-risk on a were dropped.",
    ),
    descriptors(
        "85 % are in use, for a while",
        ("5m", 700),
        ("15m", 850),
        ("10m", 700),
        fires=("15m", "19m45s"),
        silent=("14m45s", "20m"),
        says="orewatch-risk on a uses 85% of its file descriptors.",
    ),
    clock("it is 32 s fast", 32, fires=("12m15s", "19m45s"), silent=("12m", "20m15s"), says="The clock of orewatch-risk on a is 32s from that of Prometheus."),
    clock("it is 32 s slow", -32, fires=("12m15s",), silent=("12m", "20m15s")),
    clock("it is 28 s fast", 28, silent=("15m",)),
    *certificates("warning", "7d", "1h11m", "1h10m", "6d 22h 59m 0s"),
    *certificates("critical", "1d", "16m", "15m", "23h 54m 0s"),
    reload("orewatch_tls_last_reload_successful", 'usage="server"', "tls_server"),
    reload("orewatch_auth_last_reload_successful", 'source="jwt_keys"', "jwt_keys"),
    Case(
        "OrewatchConfigHashDiffers",
        "one replica has other settings for 40 minutes",
        settings("a", ("60m", 123456789012345)) | settings("b", ("5m", 123456789012345), ("40m", 123456789012346), ("15m", 123456789012345)),
        fires=("35m", "44m45s"),
        silent=("34m45s", "45m"),
        severity="warning",
        labels={"job": "orewatch-risk"},
        says="The replicas of orewatch-risk do not all have the same settings.",
    ),
]
