"""What memory, processors and disk the services take, by how much the registry holds; docs/operations/capacity.md explains the tables.

Each size is imported into an empty suite of four processes, which are then started again and follow some changes. Run by scripts/bench --capacity.
"""

import argparse
import contextlib
import csv
import pathlib
import random
import tempfile
import time

from programs.postgres import Postgres
from programs.services import SERVICES, Services, metrics

STORES = ("registry", "risk", "alerting")
MINERAL = "benchmarkium"
COUNTRIES = ("AU", "CA", "CD", "CL", "CN", "FI", "ID", "JP", "KR", "US", "ZA", "VN")
STAGES = ("mine", "smelt", "refine", "refine", "process")
FACILITIES_OF_A_SUPPLIER = 20
MILLION = 1e6
# Of asking whether something has come about, which costs the asked a page of metrics.
POLL_S = 0.25
PATIENCE_S = 1800
# How often, to learn what asking costs.
ASKED = 50


class Chain:
    """Suppliers, their facilities in stages, and links from each stage to the next, as files to import; `resources` of all of them together."""

    def __init__(self, resources: int, links_of_a_facility: float):
        self._random = random.Random(7)
        in_stage = round(resources / (1 + 1 / FACILITIES_OF_A_SUPPLIER + links_of_a_facility) / len(STAGES))
        self.facilities = in_stage * len(STAGES)
        self.suppliers = -(-self.facilities // FACILITIES_OF_A_SUPPLIER)
        self._in_stage = in_stage
        self._ends = []
        for _ in range(round(self.facilities * links_of_a_facility)):
            stage = self._random.randrange(1, len(STAGES))
            self._ends.append(tuple(in_stage * of + self._random.randrange(in_stage) for of in (stage - 1, stage)))

    @property
    def links(self) -> int:
        return len(self._ends)

    @property
    def resources(self) -> int:
        return self.suppliers + self.facilities + self.links

    def write(self, folder: pathlib.Path) -> None:
        _write(folder / "minerals.csv", "mineral,display_name,kind,source", [(MINERAL, "Benchmarkium", "ELEMENT", "a benchmark")])
        _write(folder / "countries.csv", "country,display_name,source", [(country, country, "a benchmark") for country in COUNTRIES])
        suppliers = ((f"s{i}", f"Supplier {i}", COUNTRIES[i % len(COUNTRIES)], "a benchmark") for i in range(self.suppliers))
        _write(folder / "suppliers.csv", "supplier,display_name,country,source", suppliers)
        header = "supplier,facility,display_name,country,status,mineral,stage,product,source"
        _write(folder / "facilities.csv", header, (self._facility(i) for i in range(self.facilities)))
        self._write_links(folder / "links.csv", range(self.links))

    def write_change(self, folder: pathlib.Path) -> None:
        """Another share for one of the links."""
        self._write_links(folder / "links.csv", [self._random.randrange(self.links)])

    def _write_links(self, file: pathlib.Path, numbers) -> None:
        def row(number: int) -> tuple:
            seller, buyer = self._ends[number]
            share = round(self._random.uniform(0.01, 0.3), 6)
            return (f"l{number}", self._name(seller), self._name(buyer), MINERAL, self._product(seller), share, "verified", "a benchmark")

        _write(file, "link,from_facility,to,mineral,product,share,verification,source", (row(number) for number in numbers))

    def _facility(self, number: int) -> tuple:
        country = self._random.choice(COUNTRIES)
        work = (MINERAL, STAGES[self._stage(number)], self._product(number))
        return (*self._name(number).split("/"), f"Facility {number}", country, "operating", *work, "a benchmark")

    def _stage(self, facility: int) -> int:
        return facility // self._in_stage

    def _name(self, facility: int) -> str:
        return f"s{facility // FACILITIES_OF_A_SUPPLIER}/f{facility}"

    def _product(self, facility: int) -> str:
        return f"product-{self._stage(facility)}"


def _write(file: pathlib.Path, header: str, rows) -> None:
    with file.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


class Usage:
    """Of each service at a moment: resident memory and its peak in MB, and seconds of a processor since it was started."""

    def __init__(self, services: Services):
        self.resident, self.peak, self.cpu = {}, {}, {}
        for service in services:
            values = metrics(service.admin)
            self.resident[service.name] = float(values["process_resident_memory_bytes"]) / MILLION
            self.cpu[service.name] = float(values["process_cpu_seconds_total"])
            status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
            self.peak[service.name] = int(status.split("VmHWM:")[1].split()[0]) * 1024 / MILLION


def await_all(services: Services) -> int:
    """Until everybody has followed the registry to its head; returns how often they were asked."""
    give_up = time.monotonic() + PATIENCE_S
    asked = 1
    while not services.have_followed():
        if time.monotonic() > give_up:
            raise SystemExit("the services did not follow the registry")
        time.sleep(POLL_S)
        asked += 1
    return asked


def run(services: Services, *arguments) -> None:
    done = services.ctl(*arguments)
    if done.returncode != 0:
        raise SystemExit(f"{arguments}: {done.stderr}{done.stdout}")


class Figures:
    """Of one size. `import_cpu` and `start_cpu` in seconds, `change_cpu` in milliseconds, each by service."""

    def __init__(self, chain: Chain, changes: int, engine: str):
        self.chain = chain
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orewatch-capacity-")))
            postgres = stack.enter_context(Postgres()) if engine == "postgres" else None
            flags = {service: {"database": postgres.create(service)} for service in STORES} if postgres else {}
            services = stack.enter_context(Services(folder, flags=flags))
            self.empty = Usage(services)
            self._import(services, folder)
            self._start_again(services)
            self._change(services, folder, changes)
            self.disk = {service: self._disk(folder, service, postgres) for service in STORES}

    def _import(self, services: Services, folder: pathlib.Path) -> None:
        rows = folder / "rows"
        rows.mkdir()
        self.chain.write(rows)
        begin = time.monotonic()
        run(services, "import", rows)
        self.import_s = time.monotonic() - begin
        await_all(services)
        self.imported = Usage(services)
        self.import_cpu = {name: self.imported.cpu[name] - self.empty.cpu[name] for name in SERVICES}

    def _start_again(self, services: Services) -> None:
        self.start_s = {}
        for service in services:
            service.stop()
            begin = time.monotonic()
            service.run()
            self.start_s[service.name] = time.monotonic() - begin
        await_all(services)
        self.started = Usage(services)
        self.start_cpu = self.started.cpu

    def _change(self, services: Services, folder: pathlib.Path, changes: int) -> None:
        one = folder / "change"
        one.mkdir()
        before, asked = Usage(services), 0
        for _ in range(changes):
            self.chain.write_change(one)
            run(services, "import", one)
            asked += await_all(services)
        self.changed = Usage(services)
        asking = self._cpu_of_asking(services)
        self.change_cpu = {name: (self.changed.cpu[name] - before.cpu[name] - asked * asking[name]) * 1000 / changes for name in SERVICES}

    def _cpu_of_asking(self, services: Services) -> dict:
        before = Usage(services)
        for _ in range(ASKED):
            services.have_followed()
        after = Usage(services)
        return {name: (after.cpu[name] - before.cpu[name]) / ASKED for name in SERVICES}

    def _disk(self, folder: pathlib.Path, service: str, postgres: Postgres | None) -> float:
        if postgres:
            return int(postgres.sql("SELECT pg_database_size(current_database())", service)) / MILLION
        return sum(file.stat().st_size for file in (folder / service).iterdir()) / MILLION


def show(title: str, header: tuple, rows: list) -> None:
    print(f"\n{title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")


def show_size(figures: Figures) -> None:
    chain = figures.chain
    kinds = f"{chain.suppliers:,} suppliers, {chain.facilities:,} facilities, {chain.links:,} links"
    title = f"{chain.resources:,} resources ({kinds}), imported in {figures.import_s:.0f} s"
    memory = ("MB empty", "MB imported", "MB started again", "MB after changes", "peak MB")
    header = ("service", *memory, "CPU s of the import", "s to start", "CPU s of the start", "CPU ms a change", "disk MB")
    rows = []
    for name in SERVICES:
        memory = (figures.empty.resident[name], figures.imported.resident[name], figures.started.resident[name], figures.changed.resident[name])
        peak = max(figures.imported.peak[name], figures.changed.peak[name])
        work = (figures.import_cpu[name], figures.start_s[name], figures.start_cpu[name], figures.change_cpu[name])
        rows.append((name, *memory, peak, *work, figures.disk.get(name, "")))
    show(title, header, rows)


def show_growth(sizes: list[Figures]) -> None:
    """From the smallest to the largest, a million resources of this kind."""
    small, large = sizes[0], sizes[-1]
    millions = (large.chain.resources - small.chain.resources) / MILLION

    def slope(of) -> float:
        return (of(large) - of(small)) / millions

    rows = []
    for name in SERVICES:
        memory = slope(lambda figures: figures.changed.resident[name])
        fixed = small.changed.resident[name] - memory * small.chain.resources / MILLION
        peak = slope(lambda figures: max(figures.imported.peak[name], figures.changed.peak[name]))
        work = (slope(lambda figures: figures.import_cpu[name]), slope(lambda figures: figures.start_cpu[name]))
        disk = slope(lambda figures: figures.disk[name]) if name in small.disk else ""
        rows.append((name, fixed, memory, peak, *work, disk))
    header = ("service", "MB at none", "MB more", "peak MB more", "CPU s of an import", "CPU s of a start", "disk MB")
    show("For a million resources of this kind", header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", default="100000,300000", help="sizes, with commas between them")
    parser.add_argument("--links", type=float, default=5, help="links of a facility")
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--quick", action="store_true", help="shows that it runs, and no more")
    flags = parser.parse_args()
    if flags.quick:
        flags.resources, flags.changes = "500,1000", 2
    sizes = []
    for resources in flags.resources.split(","):
        sizes.append(Figures(Chain(int(resources), flags.links), flags.changes, flags.engine))
        show_size(sizes[-1])
    if len(sizes) > 1:
        show_growth(sizes)


if __name__ == "__main__":
    main()
