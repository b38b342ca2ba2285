"""Series for promtool: what a gauge or a counter shows over a while, in steps of STEP_S."""

import re

STEP_S = 15
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> float:
    """Of a duration as promtool writes it, such as 1h10m15s."""
    return sum(float(amount) * UNITS[unit] for amount, unit in re.findall(r"([\d.]+)([smhd])", duration))


def levels(*phases, step: str = f"{STEP_S}s") -> str:
    """A gauge: (duration, value)..., the value None where there is no sample."""
    return " ".join(f"{'_' if value is None else value}x{_samples(duration, step) - 1}" for duration, value in phases)


def counts(*phases, step: str = f"{STEP_S}s", start: float = 0) -> str:
    """A counter: (duration, growth in a second)..."""
    written, value = [repr(float(start))], start
    for duration, rate in phases:
        growth, samples = rate * seconds(step), _samples(duration, step)
        written.append(f"{value + growth!r}{'+' if growth >= 0 else ''}{growth!r}x{samples - 1}")
        # As promtool adds: a phase that began a hair lower than the last one ended would be a reset.
        for _ in range(samples):
            value += growth
    return " ".join(written)


def _samples(duration: str, step: str) -> int:
    return round(seconds(duration) / seconds(step))
