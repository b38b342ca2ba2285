"""The four services, a real Alertmanager and a real Prometheus, with what people do."""

import contextlib
import pathlib
import shutil
import subprocess
import time

import yaml

from programs.alertmanager import Alertmanager
from programs.process import ROOT, free_port
from programs.prometheus import Prometheus
from programs.services import SERVICES, Services
from support.load import Load
from support.rules import MIXIN

# Hours in half a minute.
TIME_SCALE = 120


def alertmanager_config(hook: str, secret: pathlib.Path) -> dict:
    """The one that is shipped, with the addresses of this place."""
    text = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text()
    return yaml.safe_load(text.replace("127.0.0.1:9113", hook).replace("/etc/orewatch/hook_secret", str(secret)))


def flags(folder: pathlib.Path, alertmanager: str, hook: str, secret: pathlib.Path) -> dict:
    audit = {name: {"audit_log": folder / f"{name}.audit", "audit_process": name} for name in SERVICES}
    audit["alerting"] |= {"alertmanager": alertmanager, "alertmanager_hook_address": hook, "alertmanager_hook_secret": secret}
    return audit


def targets(services: Services, alertmanager: Alertmanager) -> list[dict]:
    jobs = {f"orewatch-{name}": services[name].admin.removeprefix("http://") for name in SERVICES} | {"alertmanager": alertmanager.address}
    return [{"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in jobs.items()]


@contextlib.contextmanager
def stack(folder: pathlib.Path, seconds: float):
    """Prometheus and the services after so many seconds of load; it goes on meanwhile."""
    subprocess.run([MIXIN / "render", f"--out={folder}/rendered", f"--time_scale={TIME_SCALE}"], check=True, stdout=subprocess.DEVNULL)
    small = folder / "small"
    small.mkdir()
    shutil.copy(ROOT / "data/minerals.csv", small)
    hook, secret = f"127.0.0.1:{free_port()}", folder / "secret"
    secret.write_text("a secret of the hook that is long enough to be one")
    with contextlib.ExitStack() as started:
        alertmanager = started.enter_context(Alertmanager(folder, alertmanager_config(hook, secret)))
        services = started.enter_context(Services(folder, flags(folder, alertmanager.url, hook, secret)))
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [f"{folder}/rendered/prometheus/rules/*.yml"],
            "scrape_configs": targets(services, alertmanager),
        }
        prometheus = started.enter_context(Prometheus(folder, config))
        services.import_bundled_data()
        started.enter_context(Load(services, small))
        time.sleep(seconds)
        yield prometheus, services
