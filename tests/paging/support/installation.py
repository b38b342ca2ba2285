"""A whole installation: four services over their databases, with TLS, Prometheus with our rules, and two Alertmanagers."""

import contextlib
import csv
import datetime
import os
import pathlib
import subprocess
import time
from collections.abc import Callable

import yaml

from programs.alertmanager import Alertmanager, Pager
from programs.certificates import Authority
from programs.edge import Edge
from programs.postgres import Postgres
from programs.process import BIN, ROOT, free_port
from programs.prometheus import Prometheus
from programs.proxy import Proxy
from programs.services import NEIGHBOURS, SERVICES, Service, Services
from support import runbooks
from support.clock import ShiftedClock
from support.heartbeat import Heartbeat
from support.load import Load, Writers
from support.receiver import Receiver
from support.rules import Rules
from support.small_disk import SmallDisk
from support.waiting import PATIENCE_S, await_true

# Far more than those who ask all the time need.
MAX_IN_FLIGHT = 40
LONG_ENOUGH = datetime.timedelta(days=30)


class Installation:
    """Hours of the rules last seconds: everything is divided by `time_scale`."""

    def __init__(self, folder: pathlib.Path, time_scale: int):
        self.folder = folder
        self.rules = Rules(time_scale)
        self.pager = Pager()
        self.receiver = Receiver()
        self.heartbeat = Heartbeat()
        self.postgres = Postgres()
        self.ports = {name: free_port() for name in SERVICES}
        # The gateway reaches everybody, risk the registry, and the registry its database over wires that can be cut.
        self.wires = {name: Proxy(self.ports[name]) for name in ("registry", "risk", "alerting")}
        self.risk_to_registry = Proxy(self.ports["registry"])
        self.registry_to_database = Proxy(self.postgres.port)
        self.edge_to_risk = Proxy(self.ports["risk"])
        self._alertmanager_port, self._hook_port = free_port(), free_port()
        self._prometheus_port = free_port()
        # That of the gateway.
        self.clock = ShiftedClock(folder)
        self.small_disk = SmallDisk(folder / "small")
        self._changes = 0
        self._edge, self._edge_metrics = None, f"127.0.0.1:{free_port()}"
        self._started = contextlib.ExitStack()

    def __enter__(self) -> "Installation":
        with contextlib.ExitStack() as started:
            self._start(started)
            self._started = started.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._started.close()

    def _start(self, started: contextlib.ExitStack) -> None:
        wires = (*self.wires.values(), self.risk_to_registry, self.registry_to_database, self.edge_to_risk)
        for part in (self.heartbeat, self.pager, self.receiver, self.small_disk, self.postgres, *wires):
            started.enter_context(part)
        self.database = self.postgres.create("registry")
        self.authority = Authority(self.folder, LONG_ENOUGH)
        self.certificates = {name: self.authority.issue(self.folder / f"tls-{name}", f"spiffe://test/{name}", LONG_ENOUGH) for name in SERVICES}
        self.services = Services(self.folder, self._flags(), self.ports, {"gateway": self.clock.environment()}, self._client())
        started.enter_context(self.services)
        self.services.import_bundled_data()
        self.alertmanager = started.enter_context(self._product_alertmanager())
        self.platform = started.enter_context(Alertmanager(self._folder("platform"), self._platform_config()))
        # Prometheus' own times, scaled too: when it sends again what it could not, and how long it believes a value that does not come any more.
        own_times = {"rules.alert.resend-delay": "5s", "query.lookback-delta": f"{300 // self.rules.scale}s"}
        self.prometheus = started.enter_context(Prometheus(self._folder("prometheus"), self.prometheus_config(), own_times, self._prometheus_port))
        self.load = started.enter_context(Load(self.services["gateway"].address, self.authority.file))
        self.prometheus.await_true(self._is_measured, "a rate of everything")

    def _is_measured(self) -> bool:
        return len(self.prometheus.query("sum by (job) (count_over_time(up[10s])) > 3")) == len(SERVICES) + 1

    def await_health(self, are_fine: Callable[[list[dict]], bool]) -> None:
        """Everything runs and is seen, and the labels of all alerts are fine."""

        def healthy() -> bool:
            seen = {sample["metric"]["job"] for sample in self.prometheus.query("min by (job) (min_over_time(up[5s])) > 0")}
            alerts = [alert["metric"] for alert in self.prometheus.query("ALERTS")] + self.pager.firing()
            return len(seen) == len(SERVICES) + 1 + (self._edge is not None) and are_fine(alerts)

        # A budget goes on burning for half a scaled hour, and what is told again by then has to be confirmed.
        await_true(healthy, "health", 3 * PATIENCE_S)

    def was_blind(self, since: float) -> bool:
        """Whether Prometheus could not even scrape itself for some seconds: this machine had no time for it."""
        seconds = int(time.time() - since) + 1
        return bool(self.prometheus.query(f'max_over_time(sum_over_time((1 - up{{job="prometheus"}})[5s:1s])[{seconds}s:1s]) >= 3'))

    def _folder(self, name: str) -> pathlib.Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _flags(self) -> dict:
        flags = {name: {"tls_certificate": one.cert, "tls_key": one.key} for name, one in self.certificates.items()}
        for name in ("risk", "alerting", "gateway"):
            flags[name]["upstream_ca"] = self.authority.file
        over_the_wire = self.database.replace(f":{self.postgres.port}/", f":{self.registry_to_database.port}/")
        flags["registry"] |= {"database": over_the_wire, "audit_log": self.small_disk.folder / "audit.log", "audit_process": "registry"}
        flags["risk"]["registry_address"] = f"127.0.0.1:{self.risk_to_registry.port}"
        secret = self.folder / "hook_secret"
        secret.write_text("0123456789abcdef0123456789abcdef")
        flags["alerting"] |= {
            "alertmanager": f"http://127.0.0.1:{self._alertmanager_port}",
            "alertmanager_hook_address": f"127.0.0.1:{self._hook_port}",
            "alertmanager_hook_secret": secret,
            "webhooks": self.receiver.webhooks(self.folder),
        }
        # What it remembers needs no neighbour.
        flags["gateway"]["gateway_cache_bytes"] = 0
        flags["gateway"]["max_in_flight"] = MAX_IN_FLIGHT
        flags["gateway"] |= {f"{name}_address": f"127.0.0.1:{wire.port}" for name, wire in self.wires.items()}
        return flags

    def _client(self) -> dict:
        return {"ca": self.authority.file}

    def _product_alertmanager(self) -> Alertmanager:
        authorization = {"type": "Bearer", "credentials_file": str(self.folder / "hook_secret")}
        hook = {"url": f"http://127.0.0.1:{self._hook_port}/hooks/alertmanager", "max_alerts": 0, "http_config": {"authorization": authorization}}
        route = {"receiver": "orewatch", "group_by": ["alert_id", "severity"], "group_wait": "1s", "group_interval": "5s", "repeat_interval": "4h"}
        config = {"route": route, "receivers": [{"name": "orewatch", "webhook_configs": [hook]}]}
        return Alertmanager(self._folder("alertmanager"), config, self._alertmanager_port)

    def _platform_config(self) -> dict:
        """What is shipped says what makes what needless; a ticket waits for the page that does."""
        inhibit = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text())["inhibit_rules"]
        tickets = {"receiver": "pager", "matchers": ['severity = "warning"'], "group_wait": "1s"}
        route = {"receiver": "pager", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h", "routes": [tickets]}
        receiver = {"name": "pager", "webhook_configs": [{"url": self.pager.url, "send_resolved": True}]}
        return {"route": route, "inhibit_rules": inhibit, "receivers": [receiver]}

    def prometheus_config(self, without: str = "", more: dict | None = None) -> dict:
        """`without` a service, or with `more` admin ports of one."""
        jobs = {name: [self.services[name].admin, *(more or {}).get(name, [])] for name in SERVICES if name != without}
        scrapes = [
            {"job_name": f"orewatch-{name}", "static_configs": [{"targets": [url.removeprefix("http://") for url in urls]}]} for name, urls in jobs.items()
        ]
        if self._edge is not None:
            scrapes.append({"job_name": "orewatch-edge", "metrics_path": "/stats/prometheus", "static_configs": [{"targets": [self._edge_metrics]}]})
        # Prometheus tells of itself too, as it should wherever somebody relies on it.
        scrapes.append({"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{self._prometheus_port}"]}]})
        return {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": self.rules.files,
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [self.platform.address]}]}]},
            "scrape_configs": scrapes,
        }

    def watch(self, without: str = "", more: dict | None = None) -> None:
        """From now on Prometheus scrapes these, as prometheus_config() has it, and no others: it takes seconds to let go of one."""
        config = self.prometheus_config(without, more)
        self.prometheus.reload(config)
        wanted = {target for job in config["scrape_configs"] for static in job["static_configs"] for target in static["targets"]}

        def scraped() -> set[str]:
            return {target["labels"]["instance"] for target in self.prometheus.get("targets", state="active")["activeTargets"]}

        await_true(lambda: scraped() == wanted, "another set of targets")

    def edge(self) -> Edge:
        """Before all four. It stays once it is there: what has been scraped would be missed."""
        if self._edge is None:
            flags = {f"{name}_address": f"127.0.0.1:{self.ports[name]}" for name in SERVICES}
            flags |= {"risk_address": f"127.0.0.1:{self.edge_to_risk.port}", "upstream_ca": self.authority.file, "metrics_listen": self._edge_metrics}
            self._edge = self._started.enter_context(Edge(self._folder("edge"), self.services["gateway"].address, flags))
            self.watch()
        return self._edge

    @contextlib.contextmanager
    def another(self, name: str, flags: dict):
        """A second replica of a service, which Prometheus knows of; with these flags, otherwise as the first."""
        ports = self.ports | {name: free_port()}
        another = Service(name, self._folder("another"), self._neighbours(name) | self._flags()[name] | flags, ports)
        another.run()
        try:
            self.watch(more={name: [another.admin]})
            yield another
        finally:
            self.watch()
            another.stop()

    @contextlib.contextmanager
    def replaced(self, name: str, flags: dict, logs: pathlib.Path | None = None):
        """Another one in the place of a service, with these flags and perhaps another folder for its log, otherwise as the first."""
        # On the same ports: to Prometheus it has been away for a moment.
        admin_port = int(self.services[name].admin.rpartition(":")[2])
        replacement = Service(name, logs or self.folder, self._neighbours(name) | self._flags()[name] | flags, self.ports, admin_port=admin_port)
        self.services[name].stop()
        try:
            replacement.run()
            yield replacement
        finally:
            replacement.stop()
            self.services[name].run()

    def _neighbours(self, name: str) -> dict:
        return {f"{other}_address": f"127.0.0.1:{self.ports[other]}" for other in NEIGHBOURS[name]}

    def environment(self) -> dict:
        """For the commands of runbooks, as docs/runbooks/README.md says."""
        given = {"PROMETHEUS": self.prometheus.url, "ALERTMANAGER": self.platform.url, "OREWATCH_ALERTMANAGER": self.alertmanager.url}
        given |= {f"{service.name.upper()}_ADMIN": service.admin for service in self.services}
        given |= {f"OREWATCH_{service.name.upper()}_ADDRESS": service.address for service in self.services}
        given |= {"OREWATCH_ADDRESS": self.services["gateway"].address, "OREWATCH_CA": self.authority.file}
        given |= {"REGISTRY_DATABASE": self.database, "AUDIT_LOG": self.small_disk.folder / "audit.log", "CERTIFICATE": self.certificates["gateway"].cert}
        given |= {"ALERTING_DB": self.folder / "alerting/alerting.db", "RISK_DB": self.folder / "risk/risk.db"}
        path = f"{BIN}:{os.environ['PATH']}"
        return {name: str(value) for name, value in given.items()} | {"PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def told_by(self, alert: str, part: str) -> list[str]:
        """What the commands in the diagnosis of its runbook that have `part` in them print: with their windows scaled as those
        of the rules are, and as they are written, since what the product itself waits is not scaled."""
        texts = [command.text for command in runbooks.of(alert).commands("sh run", "sh look", section="Diagnosis") if part in command.text]
        assert texts, f"the runbook of {alert} has no command with {part}"
        told = []
        for written in ([self.rules.scaled(text) for text in texts], texts):
            done = [runbooks.Command(alert, "", text).run(self.environment(), self.prelude()) for text in written]
            told.append("\n".join(one.stdout + one.stderr for one in done))
        return told

    def change_something(self) -> subprocess.CompletedProcess:
        """A change of the registry, or the attempt."""
        self._changes += 1
        return self.import_rows("countries.csv", f"AD,Andorra {self._changes},AND,2024,CC-BY-4.0,a test")

    def change_a_score(self) -> subprocess.CompletedProcess:
        self._changes += 1
        row = f"antimony,mine,AD,2024,{self._changes},,false,false,CONTAINED,usgs-mcs-2026,antimony content,antimony-ore,2026,CC-BY-4.0,a test"
        return self.import_rows("production.csv", row)

    def writers(self) -> Writers:
        return Writers(self.services["registry"].address, self.authority.file)

    def raise_an_alert(self) -> None:
        """Of a measure that holds from today on (rules/measure-in-force)."""
        self._changes += 1
        today = datetime.date.today().isoformat()
        measure = f"rehearsal-{self._changes},A rehearsal,CN,licence,gallium,,,811292,,{today},{today},,,,{today},facts,a test"
        imported = self.import_rows("measures.csv", measure)
        assert imported.returncode == 0, imported.stderr

    def snooze_an_alert(self, duration: str) -> None:
        """One of those that fire."""
        snoozed = self.services.ctl("alerts", "snooze", self._listed("list", "--limit=1")[0]["alert"], f"--duration={duration}")
        assert snoozed.returncode == 0, snoozed.stderr

    def dead_letters(self) -> list[str]:
        """The sequences of what was given up."""
        return [row["sequence"] for row in self._listed("deliveries", "--state=dead", "--limit=0")]

    def _listed(self, *of_alerts: str) -> list[dict]:
        told = self.services.ctl("alerts", *of_alerts, "--output=csv")
        assert told.returncode == 0, told.stderr
        return list(csv.DictReader(told.stdout.lower().splitlines()))

    def import_rows(self, name: str, *rows: str) -> subprocess.CompletedProcess:
        """Rows of a file such as that in data/."""
        file = self._folder("change") / name
        header = (ROOT / "data" / name).read_text().splitlines()[0]
        file.write_text("\n".join([header, *rows, ""]))
        return self.services.ctl("import", file)

    def prelude(self) -> str:
        return f'logs() {{ cat "{self.folder}/$1.log"; }}'
