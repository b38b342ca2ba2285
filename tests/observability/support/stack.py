"""An installation such as production has, small: the four services with TLS, keys and PostgreSQL, the edge, Alertmanager and Prometheus; with what people do."""

import contextlib
import dataclasses
import datetime
import functools
import pathlib
import subprocess
import time

import yaml

from programs.access import Access
from programs.alertmanager import Alertmanager
from programs.certificates import Authority
from programs.edge import Edge
from programs.issuer import Issuer
from programs.postgres import Postgres
from programs.process import PATIENCE_S, ROOT, free_port
from programs.prometheus import Prometheus
from programs.services import NEIGHBOURS, SERVICES, Services
from support.caller import Caller
from support.load import Load, Operator
from support.outcomes import missed
from support.rules import MIXIN

# Hours in six minutes, and still three scrapes in a minute of the rules.
TIME_SCALE = 10
LIFETIME = datetime.timedelta(days=30)
# More is asked for than is held, and nobody waits long for a neighbour.
OF_THE_GATEWAY = {"gateway_cache_bytes": 400_000, "longest_answer": "2s"}
# As docs/security.md has it.
GRANTS = {
    "risk": {"role": "ROLE_ANALYST", "service": "true"},
    "alerting": {"role": "ROLE_ANALYST", "service": "true", "may_speak_for_others": "true"},
    "gateway": {"role": "ROLE_ADMIN", "service": "true", "may_speak_for_others": "true"},
}
# The others keep an embedded database.
OVER_POSTGRES = ("registry", "alerting")


@dataclasses.dataclass(frozen=True)
class Running:
    prometheus: Prometheus
    services: Services
    load: Load
    # When the load began and ended.
    since: float
    until: float

    def ever(self, expression: str) -> list[float]:
        """All values that it had under load, of all series; none that is no number."""
        told = self.prometheus.query_range(expression, self.since, self.until, 4)
        return [value for series in told for _, text in series["values"] if (value := float(text)) == value]


def alertmanager_config(hook: str, secret: pathlib.Path) -> dict:
    """The one that is shipped, with the addresses of this place."""
    text = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text()
    return yaml.safe_load(text.replace("127.0.0.1:9113", hook).replace("/etc/orewatch/hook_secret", str(secret)))


class _Secrets:
    """Certificates and keys, and the flags by which each service knows them."""

    def __init__(self, folder: pathlib.Path):
        self.authority, self.issuer, self.access = Authority(folder, LIFETIME), Issuer(folder), Access(folder)
        self.hook = folder / "hook_secret"
        self.hook.write_text("a secret of the hook that is long enough to be one")
        # Before the services look for them.
        self._keys = {name: self.access.add_key(name, "ROLE_OPERATOR") for name in ("clumsy", "impatient")}
        self._folder, self._certificates = folder, {}

    def flags(self, name: str) -> dict:
        certificate = self.authority.issue(self._folder / f"tls-{name}", f"spiffe://example.org/{name}", LIFETIME)
        self._certificates[name] = certificate
        flags = {"tls_certificate": certificate.cert, "tls_key": certificate.key} | self.issuer.flags() | self.access.flags()
        if NEIGHBOURS[name]:
            key = self._folder / f"{name}.key"
            key.write_text(self.access.add_key(f"{name}-1", principal=f"orewatch-{name}", **GRANTS[name]))
            flags |= {"upstream_ca": self.authority.file, "upstream_api_key_file": key}
        return flags

    def renew(self) -> None:
        """That of the gateway."""
        self.authority.renew(self._certificates["gateway"], "spiffe://example.org/gateway", LIFETIME)

    def caller(self, services: Services, name: str) -> Caller:
        keys = {name: (("x-api-key", key),) for name, key in self._keys.items()}
        credentials = {"user": (("authorization", f"Bearer {self.issuer.token()}"),), "stranger": ()} | keys
        return Caller({name: services[name].address for name in SERVICES}, self.authority.file.read_bytes(), credentials[name])


def _flags(folder: pathlib.Path, secrets: _Secrets, postgres: Postgres, alertmanager: Alertmanager, hook: str) -> dict:
    flags = {name: secrets.flags(name) | {"audit_log": folder / f"{name}.audit", "audit_process": name} for name in SERVICES}
    for name in OVER_POSTGRES:
        flags[name]["database"] = postgres.create(name)
    flags["gateway"] |= OF_THE_GATEWAY
    flags["alerting"] |= {"alertmanager": alertmanager.url, "alertmanager_hook_address": hook, "alertmanager_hook_secret": secrets.hook}
    return flags


def _scrapes(services: Services, edge: Edge, alertmanager: Alertmanager) -> list[dict]:
    """The jobs of deploy/prometheus/prometheus.yml, but Prometheus' own."""
    places = {f"orewatch-{name}": services[name].admin for name in SERVICES} | {"orewatch-edge": edge.admin, "alertmanager": alertmanager.url}
    scrapes = [{"job_name": job, "static_configs": [{"targets": [place.removeprefix("http://")]}]} for job, place in places.items()]
    return [one | ({"metrics_path": "/stats/prometheus"} if one["job_name"] == "orewatch-edge" else {}) for one in scrapes]


@contextlib.contextmanager
def stack(folder: pathlib.Path, seconds: float):
    """What runs after so many seconds of load, and after as many more as it takes to come to what it should."""
    subprocess.run([MIXIN / "render", f"--out={folder}/rendered", f"--time_scale={TIME_SCALE}"], check=True, stdout=subprocess.DEVNULL)
    hook, secrets = f"127.0.0.1:{free_port()}", _Secrets(folder)
    with contextlib.ExitStack() as started:
        enter = started.enter_context
        postgres = enter(Postgres())
        alertmanager = enter(Alertmanager(folder, alertmanager_config(hook, secrets.hook), cluster=True))
        client = {"ca": secrets.authority.file, "token_file": secrets.issuer.token_file()}
        services = enter(Services(folder, _flags(folder, secrets, postgres, alertmanager, hook), client=client))
        behind = secrets.issuer.flags() | {f"{one.name}_address": one.address for one in services} | {"upstream_ca": secrets.authority.file}
        edge = enter(Edge(folder, f"127.0.0.1:{free_port()}", behind))
        config = {
            "global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"},
            "rule_files": [f"{folder}/rendered/prometheus/rules/*.yml"],
            "scrape_configs": _scrapes(services, edge, alertmanager),
        }
        prometheus = enter(Prometheus(folder, config))
        services.import_bundled_data()
        since = time.time()
        operator = Operator(services["risk"], secrets.renew)
        with Load(functools.partial(secrets.caller, services), edge.url, secrets.issuer.token(), operator) as load:
            time.sleep(seconds)
            while time.time() < since + seconds + PATIENCE_S and missed(prometheus):
                time.sleep(1)
            until = time.time()
        yield Running(prometheus, services, load, since, until)
