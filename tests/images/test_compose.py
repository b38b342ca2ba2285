"""deploy/compose.yaml, held against its schema, the tree, the programs and the ports of the design. No engine is asked: there may be none."""

import pathlib
import re
import stat
import subprocess
import sys

import pytest
import yaml

from conftest import SERVERS
from programs.process import BIN, ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("registry", "risk", "alerting", "gateway")
PORTS = {"gateway": (7100, 9100), "registry": (7101, 9101), "risk": (7102, 9102), "alerting": (7103, 9103)}


@pytest.fixture(scope="session")
def generated(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("generated")
    subprocess.run([DEPLOY / "compose/setup", "--out", folder], check=True, capture_output=True)
    return folder


def against_schema(file: pathlib.Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", file]
    return subprocess.run(command, capture_output=True, text=True)


def here(path: str, generated: pathlib.Path) -> pathlib.Path:
    """A path of the file, where it is while the test runs."""
    if path.startswith("./compose/generated"):
        return generated / path.removeprefix("./compose/generated").lstrip("/")
    return DEPLOY / path


def flags(program: str) -> set:
    return set(re.findall(r"^    --(\w+) ", subprocess.run([BIN / program, "--help"], capture_output=True, text=True).stdout, re.MULTILINE))


def mounts() -> list:
    """Each file or folder of the host, and where which service sees it."""
    return [(name, *volume.split(":")[:2]) for name, service in SERVICES.items() for volume in service.get("volumes", []) if volume.startswith("./")]


def test_is_a_compose_file():
    done = against_schema(DEPLOY / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_the_schema_refuses_what_is_wrong(tmp_path):
    (tmp_path / "wrong.yaml").write_text("services: {registry: {imagine: orewatch/registry}}")
    assert against_schema(tmp_path / "wrong.yaml").returncode == 1


@pytest.mark.parametrize("name", SERVICES)
def test_is_shut_in(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "ipc", "network_mode", "devices"} & service.keys()
    assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])
    assert service.get("mem_limit") or name == "ctl"
    # Published for this machine alone.
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert all(volume.endswith(":ro") for volume in service.get("volumes", []) if volume.startswith("./"))


@pytest.mark.parametrize("name", SERVICES)
def test_its_health_is_asked(name):
    # The edge has nothing in its image that could ask, and the client ends.
    assert ("healthcheck" in SERVICES[name]) == (name not in ("edge", "ctl"))
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"} and "healthcheck" in SERVICES[other]


def test_postgres_is_healthy_when_others_can_connect():
    """The server that makes the databases at the first start listens on its socket alone, and must not pass for the real one."""
    assert "--host=127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_it_writes_is_a_volume(name):
    """The root is read-only, so what a program keeps must be on a volume that compose knows, and nothing else is one."""
    kept = {"postgres": "/var/lib/postgresql/data", "prometheus": "/prometheus", "alertmanager": "/alertmanager", "grafana": "/var/lib/grafana"}
    kept |= {service: "/var/lib/orewatch" for service in OURS}
    named = [volume.split(":") for volume in SERVICES[name].get("volumes", []) if not volume.startswith("./")]
    assert named == ([[name, kept[name]]] if name in kept else [])
    assert (name in COMPOSE["volumes"]) == (name in kept)


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name):
    image, tag = SERVICES[name]["image"].rsplit(":", 1)
    # A whole version, and never one that moves on.
    assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z]+)?", tag)
    assert f"`{image}:{tag}`" in (ROOT / "docs/operations/images.md").read_text() or image.startswith("orewatch/")
    if image.startswith("orewatch/"):
        assert tag == re.search(r"project\(orewatch VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


@pytest.mark.parametrize("name", OURS)
def test_settings_are_flags_of_the_program(name):
    environment = SERVICES[name]["environment"]
    given = {key.removeprefix("OREWATCH_").lower() for key in environment if key.startswith("OREWATCH_")}
    assert given - flags(f"orewatch-{name}") == set()
    grpc, admin = PORTS[name]
    assert environment["OREWATCH_ADDRESS"] == f"0.0.0.0:{grpc}"
    assert environment["OREWATCH_ADMIN_ADDRESS"] == f"0.0.0.0:{admin}"
    for other in OURS:
        address = environment.get(f"OREWATCH_{other.upper()}_ADDRESS")
        assert address in (None, f"dns:///{other}:{PORTS[other][0]}")
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", f"/usr/bin/{SERVERS[name]}", "--check_ready"]
    # Who calls proves who they are, and nobody listens in.
    assert {"tls_certificate", "tls_key", "tls_client_ca", "access_file"} <= given
    assert "allow_unprotected" not in given


def test_settings_of_the_client_are_its_flags():
    known = set(re.findall(r"^  --(\w+) ", subprocess.run([BIN / "orewatchctl", "--help"], capture_output=True, text=True).stdout, re.MULTILINE))
    given = {key.removeprefix("OREWATCH_").lower() for key in SERVICES["ctl"]["environment"]}
    assert given - known == set()


def test_a_stop_leaves_time_to_drain():
    text = subprocess.run([BIN / "orewatch-registry", "--help"], capture_output=True, text=True).stdout
    drain = int(re.search(r"--drain_timeout .*?default:\s+(\d+)s", text, re.DOTALL).group(1))
    assert all(int(SERVICES[name]["stop_grace_period"].rstrip("s")) > drain + 5 for name in OURS)


def test_what_is_mounted_is_there(generated):
    for name, source, _ in mounts():
        if not (DEPLOY / "grafana/provisioning").exists() and source.startswith(("./grafana", "./prometheus")):
            continue
        assert here(source, generated).exists(), f"{name}: {source}"


def test_secrets_are_files_that_their_reader_alone_can_read(generated):
    used = {(name, secret if isinstance(secret, str) else secret["source"]) for name, service in SERVICES.items() for secret in service.get("secrets", [])}
    assert {secret for _, secret in used} == COMPOSE["secrets"].keys()
    for name, secret in used:
        file = here(COMPOSE["secrets"][secret]["file"], generated)
        status = file.stat()
        if secret in ("authority", "access"):
            assert status.st_mode & stat.S_IROTH
            continue
        assert stat.S_IMODE(status.st_mode) == 0o400, secret
        assert status.st_uid == int(SERVICES[name]["user"].split(":")[0]), f"{name}: {secret}"
    # No secret stands in the environment.
    for service in SERVICES.values():
        assert [key for key in service.get("environment", {}) if re.search("PASSWORD$|SECRET$|TOKEN$", key) and not key.endswith("HOOK_SECRET")] == []


def test_files_that_settings_name_are_secrets_of_the_service():
    for name in (*OURS, "ctl"):
        targets = {f"/run/secrets/{secret if isinstance(secret, str) else secret['target']}" for secret in SERVICES[name]["secrets"]}
        named = {value for value in SERVICES[name]["environment"].values() if value.startswith("/run/secrets/")}
        assert named == targets, name


def test_networks_separate():
    assert SERVICES["postgres"]["networks"] == ["database"]
    assert {name for name, service in SERVICES.items() if "database" in service["networks"]} == {"postgres", "registry", "risk", "alerting"}
    assert all(COMPOSE["networks"][name].get("internal") for name in ("database", "services", "monitoring"))
    # What is published is on the one network that reaches out; the services are not.
    for name, service in SERVICES.items():
        assert ("front" in service["networks"]) == bool(service.get("ports")), name
    assert SERVICES["edge"]["ports"] == ["127.0.0.1:8080:8080"]


def test_grafana_is_told_where_its_sources_are():
    provisioning = (DEPLOY / "grafana/provisioning/datasources/orewatch.yml").read_text()
    asked = set(re.findall(r"\$\{?(\w+)", provisioning))
    assert asked == {"OREWATCH_PROMETHEUS_URL", "OREWATCH_ALERTMANAGER_URL"}
    for variable in asked:
        host, port = re.fullmatch(r"http://(\w+):(\d+)", SERVICES["grafana"]["environment"][variable]).groups()
        assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
        assert set(SERVICES["grafana"]["networks"]) & set(SERVICES[host]["networks"])


def test_each_service_has_a_role_of_its_own_in_the_database(generated):
    passwords = {}
    for name in ("registry", "risk", "alerting"):
        assert SERVICES[name]["environment"]["OREWATCH_DATABASE"] == f"postgres://{name}@postgres/{name}"
        assert {"source": f"{name}_pgpass", "target": "pgpass"} in SERVICES[name]["secrets"]
        passwords[name] = (generated / f"{name}_password").read_text()
        assert (generated / f"{name}_pgpass").read_text() == f"postgres:5432:{name}:{name}:{passwords[name]}\n"
    assert len({*passwords.values(), (generated / "postgres_password").read_text()}) == 4


def test_each_service_keeps_an_audit_log():
    for name in OURS:
        assert SERVICES[name]["environment"]["OREWATCH_AUDIT_LOG"] == "/var/lib/orewatch/audit.log"
        assert f"{name}:/var/lib/orewatch" in SERVICES[name]["volumes"]


def test_setup_takes_a_folder_from_where_it_is_called(tmp_path):
    subprocess.run([DEPLOY / "compose/setup", "--out", "here"], check=True, capture_output=True, cwd=tmp_path)
    assert (tmp_path / "here/edge/envoy.yaml").exists() and not (ROOT / "here").exists()


def test_setup_keeps_what_it_made(generated):
    before = {path.name: path.read_bytes() for path in generated.glob("*") if path.is_file()}
    subprocess.run([DEPLOY / "compose/setup", "--out", generated], check=True, capture_output=True)
    after = {path.name: path.read_bytes() for path in generated.glob("*") if path.is_file()}
    kept = {"postgres_password", "grafana_password", "hook_secret", "alertmanager_hook_secret", "ca.crt", "ca.key"}
    kept |= {f"{name}_{what}" for name in ("registry", "risk", "alerting") for what in ("password", "pgpass")}
    assert {name: before[name] for name in kept} == {name: after[name] for name in kept}
    assert all(before[f"{name}.crt"] != after[f"{name}.crt"] for name in OURS)


def metrics_port(generated) -> int:
    """On which the edge, as it is set up, serves its numbers."""
    listeners = yaml.safe_load((generated / "edge/envoy.yaml").read_text())["static_resources"]["listeners"]
    return next(one["address"]["socket_address"]["port_value"] for one in listeners if one["name"] == "metrics")


def test_configurations_are_taken_by_the_programs_that_read_them(generated, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    alertmanager = (generated / "alertmanager.yml").read_text()
    assert "http://alerting:9113/hooks/alertmanager" in alertmanager and "/run/secrets/hook_secret" in alertmanager
    subprocess.run(["amtool", "check-config", generated / "alertmanager.yml"], check=True, capture_output=True)
    subprocess.run(["promtool", "check", "config", "--syntax-only", DEPLOY / "compose/prometheus.yml"], check=True, capture_output=True)
    scraped = {job["job_name"]: job for job in yaml.safe_load((DEPLOY / "compose/prometheus.yml").read_text())["scrape_configs"]}
    for name, (_, admin) in PORTS.items():
        assert scraped[f"orewatch-{name}"]["dns_sd_configs"] == [{"names": [name], "type": "A", "port": admin}]
    assert scraped["orewatch-edge"]["dns_sd_configs"] == [{"names": ["edge"], "type": "A", "port": metrics_port(generated)}]
    assert "monitoring" in SERVICES["edge"]["networks"]
