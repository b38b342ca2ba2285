"""docs/operations/install.md, typed as it stands in one shell on a machine with a clean Debian 12, where systemd starts the units."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from programs.machine import Machine, clean_root
from programs.process import BIN, ROOT

LONG = os.environ.get("OREWATCH_INSTALL") == "long"
PAGE = ROOT / "docs/operations/install.md"
UNITS = sorted(path.name for path in (ROOT / "deploy/systemd").glob("*.service"))
# What `systemd-analyze security` may say at most: 0 is shut, 10 is open.
MOST_OPEN = 1.2
PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def blocks() -> list[tuple[str, str, str]]:
    """The commands of the page in their order: the heading they stand under, what the fence says of them, and the commands."""
    found, heading = [], ""
    for match in re.finditer(r"^## ([^\n]+)$|^```sh ?(\w*)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        if match.group(1):
            heading = match.group(1)
        else:
            found.append((heading, match.group(2), match.group(3)))
    return found


def archive(root: pathlib.Path, folder: pathlib.Path) -> None:
    """The archive that the page has made on a machine which builds: from the programs under test, or in the root itself."""
    if LONG:
        (root / "usr/src").mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "-q", ROOT, root / "usr/src/orewatch"], check=True)
        (build,) = [commands for _, kind, commands in blocks() if kind == "build"]
        subprocess.run(["chroot", root, "/bin/bash", "-euc", build], check=True, env=PATH | {"DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"})
        return
    tree = folder / "tree"
    subprocess.run(
        ["cmake", "--install", BIN.parent, "--prefix", "/usr", "--strip"], check=True, stdout=subprocess.DEVNULL, env=os.environ | {"DESTDIR": str(tree)}
    )
    # As an ordinary user makes it who shows his files to nobody: this must not come with the archive.
    subprocess.run(["chown", "-R", "1000:1000", tree], check=True)
    subprocess.run(["chmod", "-R", "go-rwx", tree], check=True)
    (command,) = re.findall(r"^tar .* -czf .*$", PAGE.read_text(), re.MULTILINE)
    subprocess.run(["bash", "-c", command.replace("/tmp/orewatch", str(tree)).replace("/root/", f"{root}/root/")], check=True)


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("machine")
    root = clean_root(("systemd", "systemd-sysv", "dbus"))
    try:
        archive(root, folder)
        with Machine(root, folder / "log") as started:
            yield started
    finally:
        subprocess.run(["rm", "-rf", root], check=True)


# What a shell keeps from one block to the next: where it is, the mask of modes, variables and functions.
BEFORE = "[ ! -f /run/typed ] || source /run/typed\n"
AFTER = "\n{ umask -p; printf 'cd %q\\n' \"$PWD\"; export -p; declare -f; } >/run/typed"


def typed(machine: Machine, *headings: str, kinds: tuple = ("", "network")) -> None:
    """Types what stands under the headings that begin so."""
    for heading, kind, commands in blocks():
        if kind in kinds and heading.startswith(headings):
            machine.run(BEFORE + commands + AFTER, network=kind == "network")


def test_the_page_names_the_packages_that_scripts_know():
    listed = subprocess.run(
        ["bash", "-c", 'source scripts/lib/packages.sh; printf "%s\\n" "${RUNTIME_PACKAGES[@]}"'], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (network,) = [commands for heading, kind, commands in blocks() if kind == "network" and heading.startswith("1.")]
    named = re.search(r"--no-install-recommends (.*?)\n(?! )", network.replace("\\\n", ""), re.DOTALL).group(1).split()
    assert set(named) - {"openssl", "curl"} == set(listed.stdout.split())


def test_programs_find_all_they_load(machine):
    typed(machine, "1.")
    for program in ("orewatch", "orewatchctl", "orewatch-registry", "orewatch-risk", "orewatch-alerting", "orewatch-gateway"):
        assert "not found" not in machine.run(f"ldd /usr/bin/{program}").stdout
        machine.run(f"/usr/bin/{program} {'version' if program == 'orewatchctl' else '--version'}")


def test_the_archive_changes_nothing_but_what_it_brings(machine):
    for path in ("/usr", "/usr/bin", "/usr/share/doc", "/usr/lib/systemd/system", "/usr/bin/orewatch", "/usr/share/orewatch"):
        assert machine.run(f"stat -c '%a %U %G' {path}").stdout.strip() == "755 root root", path
    assert machine.run("find / -xdev \\( -nouser -o -nogroup \\) -print").stdout == ""
    assert machine.run("find /usr/share/orewatch -type f ! -perm 644 ! -perm 755").stdout == ""


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_sound_and_shut_in(machine, unit):
    done = machine.run(f"systemd-analyze verify /usr/lib/systemd/system/{unit}")
    assert (done.stdout + done.stderr).strip() == ""
    score = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", machine.run(f"systemd-analyze security --no-pager {unit}").stdout).group(1))
    print(f"{unit}: {score}")
    assert score <= MOST_OPEN


def test_the_page_leads_to_a_suite_that_answers(machine):
    typed(machine, "2.", "3.", "4.", "5.", "6.")
    status = machine.run("cat /proc/$(systemctl show -P MainPID orewatch-suite)/status").stdout
    user = machine.run("id -u orewatch").stdout.strip()
    assert re.search(rf"^Uid:(\s+{user}){{4}}$", status, re.MULTILINE)
    assert re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE) and re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert "Gallium" in machine.run("source /root/orewatch.env; orewatchctl overview").stdout
    machine.run("orewatchctl audit verify /var/log/orewatch/audit.log")


def test_nobody_gets_in_without_a_key_or_without_tls(machine):
    strangers = machine.run("OREWATCH_ADDRESS=localhost:7100 OREWATCH_CA=/etc/orewatch/tls/ca.crt orewatchctl overview", check=False)
    assert strangers.returncode == 1 and "NO_CREDENTIAL" in strangers.stderr
    assert machine.run("source /root/orewatch.env; unset OREWATCH_CA; orewatchctl --allow_unprotected --timeout=5s overview", check=False).returncode == 1


def test_secrets_are_nobody_elses(machine):
    for path, mode in (
        ("/etc/orewatch/tls/tls.key", "640 root orewatch"),
        ("/etc/orewatch/access.textproto", "640 root orewatch"),
        ("/etc/orewatch/hook_secret", "600 root root"),
    ):
        assert machine.run(f"stat -c '%a %U %G' {path}").stdout.strip() == mode
    for path in ("/root/orewatch.key", "/root/orewatch-ca.key"):
        assert machine.run(f"stat -c '%a %U' {path}").stdout.strip() == "600 root"
    for path in ("/etc/orewatch", "/var/lib/orewatch", "/var/log/orewatch"):
        assert machine.run(f"setpriv --reuid=nobody --clear-groups ls {path}", check=False).returncode != 0


def test_the_new_certificate_is_taken_without_a_restart(machine):
    _, again = [commands for heading, _, commands in blocks() if heading.startswith("3.")]
    shown = "openssl s_client -connect localhost:7100 </dev/null 2>/dev/null | openssl x509 -noout -serial"
    before, process = machine.run(shown).stdout, machine.run("systemctl show -P MainPID orewatch-suite").stdout
    machine.run(again)
    machine.await_true(f"[ \"$({shown})\" != '{before.strip()}' ]", "the new certificate")
    machine.run("source /root/orewatch.env; orewatchctl whoami")
    assert machine.run("stat -c '%a %U %G' /etc/orewatch/tls/tls.key").stdout.strip() == "640 root orewatch"
    assert machine.run("systemctl show -P MainPID orewatch-suite").stdout == process


def test_what_dies_at_once_is_never_given_up(machine):
    for unit in UNITS:
        assert machine.run(f"systemctl show -P StartLimitIntervalUSec {unit}").stdout.strip() == "0", unit


def test_what_dies_is_started_again_and_a_bad_setting_is_not(machine):
    process = machine.run("systemctl show -P MainPID orewatch-suite").stdout.strip()
    machine.run(f"kill -9 {process}")
    machine.await_true(f"[ $(systemctl show -P MainPID orewatch-suite) != {process} ] && orewatch --check_ready", "the suite that follows")
    machine.run("source /root/orewatch.env; orewatchctl overview | grep -q Gallium")
    machine.run(
        "cp -p /etc/orewatch/suite.textproto /root/; echo 'drain_timeout: \"soon\"' >>/etc/orewatch/suite.textproto; systemctl restart orewatch-suite || true"
    )
    machine.await_true("[ $(systemctl show -P ExecMainStatus orewatch-suite) = 2 ] && systemctl is-failed orewatch-suite", "the end of the restarts")
    machine.run("journalctl -u orewatch-suite | grep -q drain_timeout")
    machine.run("mv /root/suite.textproto /etc/orewatch/; systemctl reset-failed orewatch-suite; systemctl start orewatch-suite")
    machine.await_true("orewatch --check_ready", "readiness")


def test_a_stop_drains(machine):
    machine.run("systemctl stop orewatch-suite")
    assert machine.run("systemctl show -P Result orewatch-suite").stdout.strip() == "success"
    assert machine.run("systemctl show -P ExecMainStatus orewatch-suite").stdout.strip() == "0"
    assert "drained" in machine.run("journalctl -u orewatch-suite -n 200 -o cat").stdout
    machine.run("systemctl start orewatch-suite")
    machine.await_true("orewatch --check_ready", "readiness")


def asked(machine: Machine, path: str) -> dict:
    return json.loads(machine.run(f"curl -sf http://127.0.0.1:9090/api/v1/{path}").stdout)["data"]


def await_quiet(machine: Machine, jobs: set) -> None:
    """Prometheus has seen each job, and since then asked every rule; none but the watchdog has anything to say, now or if it went on for long."""
    targets = lambda: asked(machine, "targets")["activeTargets"]  # noqa: E731
    machine.await_that(lambda: {one["labels"]["job"] for one in targets() if one["health"] == "up"} >= jobs, "all jobs")
    since = machine.run("date --utc +%FT%TZ").stdout.strip()
    groups = lambda: asked(machine, "rules?type=alert")["groups"]  # noqa: E731
    machine.await_that(lambda: min(group["lastEvaluation"] for group in groups() if group["rules"]) > since, "an evaluation of every rule")
    alerts = {(one["labels"]["alertname"], one["state"]) for one in asked(machine, "alerts")["alerts"]}
    assert alerts == {("OrewatchWatchdog", "firing")}


def test_monitoring_sees_the_suite_and_nobody_is_paged(machine):
    typed(machine, "7.")
    await_quiet(machine, {"orewatch", "alertmanager", "prometheus"})


def lineages(machine: Machine) -> dict:
    """Of the registry's history and of the alerts'."""
    alerts = json.loads(machine.run("source /root/orewatch.env; orewatchctl alerts list -o json").stdout)
    return {"registry": alerts["revision"]["lineage"], "alerting": alerts["lineage"]}


def test_an_update_keeps_what_was_kept(machine):
    known = lineages(machine)
    before = machine.run("systemctl show -P MainPID orewatch-suite").stdout
    sums = machine.run("sha256sum /etc/orewatch/*.textproto").stdout
    typed(machine, "Update")
    assert machine.run("systemctl show -P MainPID orewatch-suite").stdout != before
    assert machine.run("sha256sum /etc/orewatch/*.textproto").stdout == sums
    assert "Gallium" in machine.run("source /root/orewatch.env; orewatchctl overview").stdout
    assert lineages(machine) == known


def test_an_update_that_is_begun_again_keeps_the_first_way_back(machine):
    shown = "cd /root/orewatch-before; sha256sum orewatch.tar.gz state.tar.gz"
    before = machine.run(shown).stdout
    machine.run("cp -p /root/orewatch.tar.gz /root/this.tar.gz; echo another >>/root/orewatch.tar.gz")
    (prepare, update, _) = [commands for heading, kind, commands in blocks() if heading == "Update" and kind == ""]
    assert machine.run(prepare, check=False).returncode != 0
    machine.run("mv /root/this.tar.gz /root/orewatch.tar.gz")
    machine.run(update)
    assert machine.run(shown).stdout == before


def test_the_copy_of_before_the_update_can_be_put_back(machine):
    count = "source /root/orewatch.env; orewatchctl list agreements -o csv | grep -c australia-chile-fta"
    machine.run("source /root/orewatch.env; orewatchctl delete agreements/australia-chile-fta")
    assert machine.run(count, check=False).stdout.strip() == "0"
    known = lineages(machine)
    typed(machine, "Update", kinds=("restore",))
    assert machine.run(count).stdout.strip() == "1"
    # What follows them learns that they have gone back.
    assert not lineages(machine).items() & known.items()
    typed(machine, "Update", kinds=("over",))
    machine.run("source /root/orewatch.env; orewatchctl overview | grep -q Gallium")
    # Prometheus has seen the older revision too, before anything else is compared with it.
    await_quiet(machine, {"orewatch", "alertmanager", "prometheus"})


def test_the_journal_has_lines_of_json(machine):
    lines = [json.loads(line) for line in machine.run("journalctl -u orewatch-suite -o cat -n 50 _COMM=orewatch").stdout.splitlines()]
    assert lines and all("msg" in line for line in lines)
    # Secrets are in none of them.
    for secret in ("/root/orewatch.key", "/etc/orewatch/hook_secret"):
        machine.run(f"! journalctl -u orewatch-suite -o cat | grep -qFf {secret}")


def test_services_apart_take_over_what_the_suite_kept(machine):
    typed(machine, "Apart")
    overview = machine.run("source /root/orewatch.env; orewatchctl overview").stdout
    assert "Gallium" in overview
    for service in ("registry", "risk", "alerting", "gateway"):
        assert machine.run(f"systemctl is-active orewatch-{service}").stdout.strip() == "active"
        key = f"/run/credentials/orewatch-{service}.service"
        assert machine.run(f"setpriv --reuid=nobody --clear-groups ls {key}", check=False).returncode != 0


def test_apart_nobody_is_paged_either(machine):
    await_quiet(machine, {"orewatch-gateway", "orewatch-registry", "orewatch-risk", "orewatch-alerting", "alertmanager", "prometheus"})


def test_nothing_is_left_but_what_it_kept(machine):
    typed(machine, "Away")
    assert machine.run("ls /usr/bin | grep -c orewatch || true").stdout.strip() == "0"
    assert machine.run("systemctl list-unit-files 'orewatch*' --no-legend || true").stdout.strip() == ""
    machine.run("test -f /var/lib/orewatch/registry/registry.db -a -f /etc/orewatch/suite.textproto")
    typed(machine, "Away", kinds=("forever",))
    assert machine.run("find / -xdev -path '/root/orewatch*' -o -path '/etc/orewatch*' -o -path '/var/l*/orewatch*'").stdout == ""
    assert machine.run("find / -xdev \\( -nouser -o -nogroup \\) -print").stdout == ""
