"""orewatch as users run it: in one process, or each service in one of its own."""

import contextlib
import pathlib
import subprocess
import urllib.request

from programs.process import BIN, ROOT, Program, answers, as_flags, free_port

SERVICES = ("registry", "risk", "alerting", "gateway")
# Whom each asks.
NEIGHBOURS = {
    "registry": (),
    "risk": ("registry",),
    "alerting": ("registry", "risk"),
    "gateway": ("registry", "risk", "alerting"),
}


def metrics(admin: str) -> dict:
    """The values, as they are written, of what a process exposes without labels."""
    with urllib.request.urlopen(f"{admin}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return dict(line.split(" ")[:2] for line in lines if not line.startswith("#") and "{" not in line)


class Suite(Program):
    """All four services in one process, with the bundled data."""

    def __init__(self, folder: pathlib.Path, flags: dict, importer: dict):
        """`importer`: the flags by which orewatchctl may call."""
        port, admin = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        self.admin = f"http://127.0.0.1:{admin}"
        command = [BIN / "orewatch", f"--data_dir={folder}/data", f"--address={self.address}", f"--admin_address=127.0.0.1:{admin}"]
        super().__init__([*command, f"--default_rules={ROOT}/data/rules.textproto", *as_flags(flags)], folder / "suite.log")
        self._importer = importer

    def __enter__(self) -> "Suite":
        self.start(lambda: answers(f"{self.admin}/readyz"))
        try:
            ctl = [BIN / "orewatchctl", f"--address={self.address}", *as_flags(self._importer), "import", "--atomic", ROOT / "data"]
            subprocess.run([str(part) for part in ctl], check=True, stdout=subprocess.DEVNULL)
            self.await_true(self._has_caught_up, "evaluation")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def _has_caught_up(self) -> bool:
        values = metrics(self.admin)
        return values["orewatch_registry_revision"] == values.get("orewatch_alerting_applied_revision")


class Service(Program):
    """One service, on the port it has in `ports`; the others are looked for on theirs."""

    def __init__(
        self, name: str, folder: pathlib.Path, flags: dict, ports: dict, environment: dict | None = None, admin_port: int | None = None
    ):
        self.name = name
        self.address, admin = f"127.0.0.1:{ports[name]}", f"127.0.0.1:{admin_port or free_port()}"
        self.admin = f"http://{admin}"
        own = {"address": self.address, "admin_address": admin, "drain_settle": "0s"}
        self._flags = as_flags(own | flags)
        super().__init__([BIN / f"orewatch-{name}", *self._flags], folder / f"{name}.log", environment)

    def use(self, bin_dir: pathlib.Path) -> None:
        """What it runs from now on, when it is started again."""
        self._command = [str(bin_dir / f"orewatch-{self.name}"), *self._flags]

    def run(self) -> None:
        self.start(lambda: answers(f"{self.admin}/readyz"))


class Services:
    """All four, each a process of its own, over embedded databases unless `flags` says otherwise."""

    def __init__(
        self, folder: pathlib.Path, flags: dict | None = None, ports: dict | None = None, environments: dict | None = None, client: dict | None = None
    ):
        """`flags` and `environments`: more of each service, by its name; `client`: flags of orewatchctl."""
        self._ports = ports or {name: free_port() for name in SERVICES}
        self._client = client or {}
        self._started = contextlib.ExitStack()
        stores = {"registry": {"data_dir": folder / "registry"}, "risk": {"data_dir": folder / "risk"}}
        stores["alerting"] = {"data_dir": folder / "alerting", "default_rules": ROOT / "data/rules.textproto"}
        self._services = {}
        for name in SERVICES:
            own = stores.get(name, {}) | {f"{other}_address": f"127.0.0.1:{self._ports[other]}" for other in NEIGHBOURS[name]}
            self._services[name] = Service(name, folder, own | (flags or {}).get(name, {}), self._ports, (environments or {}).get(name))

    def __getitem__(self, name: str) -> Service:
        return self._services[name]

    def __iter__(self):
        return iter(self._services.values())

    def __enter__(self) -> "Services":
        with contextlib.ExitStack() as started:
            for service in self:
                started.callback(service.stop)
                service.run()
            self._started = started.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._started.close()

    def client_environment(self) -> dict:
        """Of orewatchctl, that it may call all four."""
        return {f"OREWATCH_{name.upper()}_ADDRESS": f"127.0.0.1:{port}" for name, port in self._ports.items()}

    def ctl(self, *arguments) -> subprocess.CompletedProcess:
        """orewatchctl, with the addresses of all four."""
        addresses = {f"{name}_address": f"127.0.0.1:{port}" for name, port in self._ports.items()}
        command = [BIN / "orewatchctl", *as_flags(addresses | self._client), *arguments]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True)

    def import_bundled_data(self) -> None:
        done = self.ctl("import", "--atomic", ROOT / "data")
        assert done.returncode == 0, done.stderr
        self["alerting"].await_true(self._has_caught_up, "evaluation")

    def _has_caught_up(self) -> bool:
        revision = metrics(self["registry"].admin)["orewatch_registry_revision"]
        return metrics(self["alerting"].admin).get("orewatch_alerting_applied_revision") == revision

    def have_followed(self) -> bool:
        """Whether scores, their history and alerts are of the registry's newest revision."""
        revision = metrics(self["registry"].admin)["orewatch_registry_revision"]
        risk, alerting = metrics(self["risk"].admin), metrics(self["alerting"].admin)
        followers = (risk.get("orewatch_risk_applied_revision"), risk.get("orewatch_risk_history_revision"), alerting.get("orewatch_alerting_applied_revision"))
        return all(follower == revision for follower in followers)

    def await_consistent(self) -> None:
        """Until all are at the same revision of the same history: orewatchctl says so by exit code 0."""
        self["alerting"].await_true(self.have_followed, "the same revision everywhere")
        self["alerting"].await_true(lambda: self.ctl("overview").returncode == 0, "an overview with all sections")
