"""The commands of docs/operations/kubernetes.md, run as they stand there: by kubectl, against an API server of a kind and real PostgreSQL servers."""

import base64
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from programs.process import BIN, free_port
from support.desk import Desk, Servers
from support.manifests import Manifests
from support.page import DISASTER, block, make_site, yaml_block
from support.rendering import render_folder
from support.wiring import BY_INSTALLATION

ORDER = ("registry", "risk", "alerting", "gateway", "edge")
AUTOSCALED = ("orewatch-registry", "orewatch-risk", "orewatch-gateway")
FIRST, RESTORED = "orewatch-postgres", "orewatch-postgres-restored"
GIVEN = ("keys.json", "access-key-id", "secret-access-key")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with an overlay, and what has been applied of it: the outcome of the page's install."""
    folder = tmp_path_factory.mktemp("desk")
    make_site(folder)
    for name in GIVEN:
        (folder / name).write_text('{"keys": []}')
    with Desk(folder) as desk:
        for title in ("bash secrets", "bash passwords", "bash install"):
            desk.done(block(title))
        yield folder, desk.objects


@pytest.fixture(scope="module")
def servers():
    with Servers(FIRST, RESTORED) as started:
        yield started


@pytest.fixture
def desk(made, servers, tmp_path_factory):
    """Somebody's at an installation that runs."""
    with copied(made, tmp_path_factory, servers) as entered:
        yield entered


def copied(made, tmp_path_factory, servers=None, failing: tuple = (), empty: bool = False) -> Desk:
    # Beside the first, since the overlay leads to the checkout by a relative path.
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(made[0] / "site", folder / "site")
    (folder / "orewatch").symlink_to((made[0] / "orewatch").resolve())
    return Desk(folder, servers, None if empty else made[1], failing)


def next_release(desk: Desk) -> None:
    """Other images, of every service."""
    file = desk.folder / "site/images/kustomization.yaml"
    file.write_text(re.sub(r"newName: (registry\.example\.org/orewatch/\w+)", r"newName: \1-next", file.read_text()))


def images(desk: Desk) -> set:
    return {one["spec"]["template"]["spec"]["containers"][0]["image"] for one in desk.objects.of("Deployment")}


def deployed(desk: Desk) -> list:
    """What happened to Deployments since somebody began."""
    return [(what, name.removeprefix("Deployment/orewatch-")) for what, name in desk.controllers.timeline if name.startswith("Deployment/")]


def test_an_install_brings_everything_up(made):
    _, objects = made
    assert {one["metadata"]["name"] for one in objects.of("Deployment") if one.get("status", {}).get("availableReplicas") == 2} == {f"orewatch-{name}" for name in ORDER}
    for kind, names in BY_INSTALLATION.items():
        assert names <= {one["metadata"]["name"] for one in objects.of(kind)}
    for service in ("registry", "risk", "alerting"):
        secret = objects.find("Secret", f"orewatch-postgres-{service}")
        assert (secret["type"], secret["metadata"]["labels"]) == ("kubernetes.io/basic-auth", {"cnpg.io/reload": "true"})
        held = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        assert re.fullmatch("[0-9a-f]{48}", held["password"])
        assert held == {"username": service, "password": held["password"], "pg_service.conf": f"[{service}]\npassword={held['password']}\n"}
    for workload in Manifests(objects.of("Deployment")).workloads:
        for volume in [one for one in workload.pod.get("volumes", []) if "items" in one.get("secret", {})]:
            held = objects.find("Secret", volume["secret"]["secretName"]).get("data", {})
            # What operators make is empty here.
            assert not held or {item["key"] for item in volume["secret"]["items"]} <= set(held)


def test_passwords_are_made_anew(desk):
    before = desk.objects.find("Secret", "orewatch-postgres-risk")["data"]["password"]
    desk.done(block("bash passwords"))
    after = desk.objects.find("Secret", "orewatch-postgres-risk")
    assert after["data"]["password"] != before
    assert after["metadata"]["labels"] == {"cnpg.io/reload": "true"}


def test_an_upgrade_goes_from_service_to_service(desk):
    next_release(desk)
    desk.done(block("bash upgrade"))
    assert deployed(desk) == [(what, name) for name in ORDER for what in ("made", "rolled out")]
    assert desk.controllers.timeline.index(("done", "Job/orewatch-migrate-risk-v0-1-0")) < desk.controllers.timeline.index(("made", "Deployment/orewatch-registry"))
    # By parts, and nothing is left out.
    for document in render_folder(desk.folder / "site"):
        kept = desk.objects.find(document["kind"], document["metadata"]["name"], document["metadata"].get("namespace", ""))
        assert kept is not None and kept.get("data") == document.get("data"), document["metadata"]
    assert all("-next:" in image for image in images(desk))
    versions = {one["metadata"]["labels"]["app.kubernetes.io/version"] for one in desk.objects.of("Job")}
    assert versions == set(re.findall(r"app.kubernetes.io/version=([0-9.]+)", block("bash upgrade")))


def test_an_upgrade_makes_the_files_of_the_release(desk):
    generated = desk.folder / "site/generated/components/edge/generated/envoy.yaml"
    was = generated.read_text()
    generated.write_text("of another release")
    desk.done(block("bash upgrade"))
    assert generated.read_text() == was


def test_after_a_migration_that_fails_nothing_is_rolled_out(made, tmp_path_factory):
    with copied(made, tmp_path_factory, failing=("risk",)) as desk:
        next_release(desk)
        # Without -e, as a shell is that somebody pastes it into.
        done = desk.run(block("bash upgrade").replace("--timeout=1m", "--timeout=2s"))
        assert done.returncode != 0
        assert ("failed", "Job/orewatch-migrate-risk-v0-1-0") in desk.controllers.timeline
        assert deployed(desk) == [] and not any("-next:" in image for image in images(desk))


def test_a_rollback_goes_the_other_way(desk):
    next_release(desk)
    desk.done(block("bash rollback"))
    # The last apply changes none of them.
    assert deployed(desk)[:10] == [(what, name) for name in reversed(ORDER) for what in ("made", "rolled out")]
    assert {what for what, _ in deployed(desk)[10:]} == {"made"}
    assert all("-next:" in image for image in images(desk))


def is_copied_by_hand(desk: Desk) -> bool:
    """Beside the copies of the schedule, whose names are of a day."""
    phases = [one.get("status", {}).get("phase") for one in desk.objects.of("Backup") if "cnpg.io/scheduled-backup" not in one["metadata"]["labels"]]
    return phases == ["completed"]


def test_a_copy_is_complete_before_its_moment_has_a_name(desk):
    desk.done(block("bash backup"))
    assert is_copied_by_hand(desk)
    assert [command[0] for _, command in desk.server.commands] == ["psql"]


def begin_with_the_archive(folder: pathlib.Path, to_its_end: bool = False) -> None:
    """The patch of a restore, in the overlay."""
    file = folder / "site/kustomization.yaml"
    kustomization = yaml.safe_load(file.read_text())
    patch = yaml.safe_load(yaml_block("target: {kind: Cluster"))
    if to_its_end:
        patch["patch"] = re.sub(r" *recoveryTarget:.*\n", "", patch["patch"])
    kustomization["patches"].append(patch)
    file.write_text(yaml.safe_dump(kustomization))


def restore(desk: Desk, commands: str) -> None:
    desk.done(block("bash stop") + block("bash last segment"))
    begin_with_the_archive(desk.folder)
    desk.done(commands)


def test_after_a_restore_everything_runs_and_is_copied(desk):
    first = desk.objects.find("Cluster", FIRST)["metadata"]["uid"]
    restore(desk, block("bash restore"))
    cluster = desk.objects.find("Cluster", FIRST)
    assert cluster["metadata"]["uid"] != first and "recovery" in cluster["spec"]["bootstrap"]
    assert desk.replicas() == dict.fromkeys((f"orewatch-{name}" for name in ORDER), 2)
    assert is_copied_by_hand(desk)
    # And the next apply finds nothing that somebody else holds.
    desk.done("kubectl apply --server-side -k site")


def test_a_cluster_that_is_gone_comes_back_from_the_archive(made, tmp_path_factory):
    with copied(made, tmp_path_factory, empty=True) as desk:
        for name in GIVEN:
            (desk.folder / name).write_text('{"keys": []}')
        begin_with_the_archive(desk.folder, to_its_end=True)
        desk.done(block("bash secrets") + block("bash passwords") + block("bash cluster", DISASTER))
        recovery = desk.objects.find("Cluster", FIRST)["spec"]["bootstrap"]["recovery"]
        assert recovery["source"] == "before" and "recoveryTarget" not in recovery
        assert [backup["status"]["phase"] for backup in desk.objects.of("Backup")] == ["completed"]
        assert {name for what, name in deployed(desk) if what == "rolled out"} == set(ORDER)


def test_while_the_database_is_made_anew_nobody_writes(desk):
    desk.done(block("bash stop"))
    assert desk.replicas() == {f"orewatch-{name}": 2 if name == "edge" else 0 for name in ORDER}


def test_one_database_comes_back_and_the_others_go_on(desk, servers):
    for cluster, fact in ((FIRST, "lost"), (RESTORED, "kept")):
        for database in ("risk", "alerting"):
            servers.of[cluster].sql(f"DROP TABLE IF EXISTS fact; CREATE TABLE fact (name text); INSERT INTO fact VALUES ('{fact} {database}'); ALTER TABLE fact OWNER TO {database}", database)
    # What a later release made does not stay behind.
    servers.of[FIRST].sql("CREATE TABLE of_the_future (name text)", "risk")
    desk.done(block("bash one database"))
    first = servers.of[FIRST]
    assert first.sql("SELECT string_agg(tablename || ' ' || tableowner, ',') FROM pg_tables WHERE schemaname = 'public'", "risk") == "fact risk"
    assert (first.sql("SELECT name FROM fact", "risk"), first.sql("SELECT name FROM fact", "alerting")) == ("kept risk", "lost alerting")
    assert first.sql("SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'risk'") == "risk|UTF8|C"
    assert desk.objects.find("Cluster", RESTORED) is None and desk.objects.find("Cluster", FIRST) is not None
    assert desk.replicas() == dict.fromkeys((f"orewatch-{name}" for name in ORDER), 2)
    touched = {name for _, name in desk.controllers.timeline if name.startswith("Deployment/")}
    assert touched == {"Deployment/orewatch-risk"}


def write_audit_log(desk: Desk) -> None:
    """What a registry that was started and ended leaves on the volume."""
    data = desk.folder / "data"
    data.mkdir()
    flags = [f"--data_dir={data}", f"--address=127.0.0.1:{free_port()}", f"--admin_address=127.0.0.1:{free_port()}"]
    log = desk.volume / "orewatch-registry-7c9d-x2.jsonl"
    program = subprocess.Popen([BIN / "orewatch-registry", *flags, f"--audit_log={log}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while '"seq"' not in (log.read_text() if log.exists() else ""):
        assert program.poll() is None, program.stderr.read()
    program.terminate()
    assert program.wait(timeout=60) == 0


def test_the_audit_log_is_verified_away_from_who_wrote_it(desk):
    write_audit_log(desk)
    told = desk.done(block("bash audit"))
    assert desk.objects.find("Pod", "orewatch-audit") is None
    assert (desk.folder / "audit/orewatch-registry-7c9d-x2.jsonl").exists()
    # One byte of it, changed.
    log = desk.volume / "orewatch-registry-7c9d-x2.jsonl"
    log.write_text(log.read_text().replace('"kind":"start"', '"kind":"stert"', 1))
    assert desk.run(block("bash audit")).returncode != 0, told


def test_a_volume_that_may_not_be_written_shows(desk):
    write_audit_log(desk)
    assert desk.run(block("bash audit").replace("touch /var/log/orewatch/", "touch /proc/nowhere/")).returncode != 0


# What nobody may write there unnoticed, in each procedure.
NONSENSE = [
    ("bash upgrade", "--for=condition=complete", "--fro=condition=complete"),
    ("bash upgrade", "wait --for=condition", "weight --for=condition"),
    ("bash upgrade", "condition=complete", "condition=completed"),
    ("bash upgrade", 'notin (registry', 'not in (registry'),
    ("bash upgrade", 'deployment/orewatch-$service', 'deployment/$service'),
    ("bash upgrade", "rollout status", "rollout state"),
    ("bash upgrade", "sh site/generate", "sh site/generator"),
    ("bash rollback", "site --selector", "site/base --selector"),
    ("bash backup", "now.yaml", "then.yaml"),
    ("bash backup", "{.status.phase}", "{.status.phrase}"),
    ("bash backup", "instanceRole=primary", "instanceRole=first"),
    ("bash backup", "--container=postgres", "--container=postgresql"),
    ("bash backup", "pg_create_restore_point", "pg_create_restore"),
    ("bash last segment", "pg_switch_wal()", "pg_switch_log()"),
    ("bash last segment", "delete cluster orewatch-postgres", "delete clusters orewatch"),
    ("bash stop", "scale deployment", "scale deploiment"),
    ("bash one database", "--force", "--with-force"),
    ("bash one database", "pg_dump --format=custom", "pg_dump --format=plain"),
    ("bash one database", "--template=template0", "--template=template7"),
    ("bash passwords", "label --local", "tag --local"),
    ("bash install", "rollout status", "rollout states"),
]


@pytest.mark.parametrize(("title", "right", "wrong"), NONSENSE)
def test_nonsense_is_noticed(desk, title, right, wrong):
    commands = block(title)
    assert right in commands
    # Nobody waits for long for what does not come.
    done = desk.run(re.sub("--timeout=[0-9]+[mh]", "--timeout=2s", commands.replace(right, wrong)), "-euo", "pipefail")
    assert done.returncode != 0, done.stdout


def test_without_force_the_replicas_that_were_scaled_stop_a_restore(desk):
    with pytest.raises(AssertionError, match="spec.replicas"):
        restore(desk, block("bash restore").replace(" --force-conflicts", ""))


def test_without_a_number_the_autoscaled_stay_away(desk):
    desk.done(block("bash stop"))
    desk.done("kubectl apply --server-side --force-conflicts -k site && kubectl --namespace=orewatch rollout status --timeout=10s deployment")
    assert {name for name, count in desk.replicas().items() if count == 0} == set(AUTOSCALED)
