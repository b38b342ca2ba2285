"""Values as Grafana writes them."""

TIMES = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs")]
BYTES = [(2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B")]
NUMBERS = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")]
SUFFIXES = {"reqps": " req/s", "cps": " c/s"}


def written(value: float, unit: str, decimals: int | None = None) -> str:
    if unit == "percentunit":
        return f"{value * 100:.{decimals}f} %" if decimals is not None else f"{_short(value * 100)} %"
    if unit == "s":
        return _scaled(value, TIMES) if value else "0 s"
    if unit == "bytes":
        return _scaled(value, BYTES)
    if decimals is not None and abs(value) < 1000:
        return f"{value:.{decimals}f}"
    return _scaled(value, NUMBERS) + SUFFIXES.get(unit, "")


def _scaled(value: float, units: list) -> str:
    size, name = next(((size, name) for size, name in units if abs(value) >= size), units[-1])
    return f"{_short(value / size)} {name}".strip()


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
