"""Each alert has a runbook, and what runbooks tell one to type works."""

import functools
import pathlib
import re
import shlex
import subprocess
from concurrent import futures

import pytest
import yaml

from programs.process import BIN, ROOT
from support import runbooks
from support.faults import FAULTS
from support.rules import Rules, written

RULES = ROOT / "deploy/prometheus/rules"
RUNBOOKS = [book for book in runbooks.all_of_them() if book.name != "README"]
COMMANDS = [command for book in runbooks.all_of_them() for command in book.commands()]
KINDS = {"sh run", "sh look", "sh change"}
# Not of ours: Prometheus, Alertmanager, Envoy, CloudNativePG and its plugin, nodes, and what rules record.
FOREIGN_METRIC = re.compile(r"^(prometheus_|alertmanager_|envoy_|cnpg_|barman_cloud_|kubelet_|slo:|up$)")
OURS = {"orewatchctl"}
OTHERS = {"promtool", "amtool", "psql", "sqlite3", "curl", "openssl", "pg_isready"}


def alerts() -> set[str]:
    groups = yaml.safe_load((RULES / "alerts.rules.yml").read_text())["groups"]
    return {rule["alert"] for group in groups for rule in group["rules"]}


def words(text: str) -> list[list[str]]:
    """The simple commands of a line, by their words; what the shell substitutes counts as commands too."""
    lexer = shlex.shlex(text.replace("$(", " ; ").replace("<(", " ; "), posix=True, punctuation_chars=";|&()")
    lexer.whitespace_split = True
    commands, last = [], []
    for token in lexer:
        if set(token) <= set(";|&()"):
            commands, last = commands + [last], []
        else:
            last.append(token)
    return [command for command in [*commands, last] if command]


@functools.cache
def help_of(*program: str) -> str:
    told = subprocess.run(program, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return told.stdout + told.stderr


def test_each_alert_has_a_runbook_and_each_runbook_an_alert():
    assert {book.name for book in RUNBOOKS} == alerts()


def test_the_index_names_each():
    index = (runbooks.FOLDER / "README.md").read_text()
    linked = re.findall(r"\[(\w+)\]\(\1\.md\)", index)
    assert sorted(linked) == sorted(book.name for book in RUNBOOKS)


@pytest.mark.parametrize("book", RUNBOOKS, ids=lambda book: book.name)
def test_a_runbook_is_whole(book):
    assert book.text.startswith(f"# {book.name}\n")
    assert list(book.sections) == runbooks.SECTIONS
    assert all(text.strip() for text in book.sections.values())
    assert 30 <= len(book.text.splitlines()) <= 90
    assert book.commands("sh run", section="Diagnosis"), "nothing to look with"
    for linked in re.findall(r"\]\((\w+\.md)\)", book.text):
        assert (runbooks.FOLDER / linked).exists(), linked


def test_no_two_are_alike():
    seen = {}
    for book in RUNBOOKS:
        for section in ("Meaning", "Impact", "Clears"):
            text = " ".join(book.sections[section].split())
            assert text not in seen, f"{book.name} says of {section} what {seen[text]} says"
            seen[text] = book.name


def test_blocks_are_of_a_known_kind_and_good_shell():
    assert {command.kind for command in COMMANDS} <= KINDS
    for command in COMMANDS:
        checked = subprocess.run(["bash", "-n"], input=command.text, capture_output=True, text=True)
        assert checked.returncode == 0, f"{command}: {checked.stderr}"


def test_flags_in_commands_exist():
    for command in COMMANDS:
        for program, *arguments in words(command.text):
            if pathlib.PurePath(program).name not in OURS:
                continue
            known = help_of(BIN / program, "help") + help_of(BIN / program, "help", next((one for one in arguments if one[0] != "-"), "get"))
            for flag in re.findall(r"--([a-z_]+)", " ".join(arguments)):
                assert re.search(rf"--{flag}\b", known), f"{command}: {program} has no --{flag}"


def test_flags_in_the_text_exist():
    programs = [BIN / f"orewatch-{name}" for name in ("registry", "risk", "alerting", "gateway")]
    known = "".join(help_of(program, "--help") for program in programs) + help_of(BIN / "orewatchctl", "help")
    known += help_of(BIN / "orewatchctl", "help", "import") + help_of(BIN / "orewatchctl", "help", "audit") + help_of(BIN / "orewatchctl", "help", "apply")
    # Of other programs, which the text names.
    known += "--cluster.peer-timeout --storage.path --web.route-prefix --lease_duration"
    for book in RUNBOOKS:
        for flag in re.findall(r"`(?:orewatchctl [^`]*)?--([a-z_.]+)", book.text):
            assert f"--{flag}" in known, f"{book.name}: nobody has --{flag}"


# What is asked of a cluster as a whole.
WHOLE_CLUSTER = re.compile(r"kubectl (drain |get .+ -A$|-n cnpg-system )")


def test_commands_for_kubernetes_name_the_namespace_and_leave_numbers_to_autoscalers():
    scaled = re.findall(r"scaleTargetRef: .*name: ([a-z-]+)", (ROOT / "k8s/components/autoscaling/autoscalers.yaml").read_text())
    assert scaled
    for command in [command for command in COMMANDS if "kubectl" in command.text]:
        assert "kubectl -n orewatch " in command.text or WHOLE_CLUSTER.search(command.text), f"{command}: in which namespace?"
        for name in scaled:
            assert not re.search(rf"kubectl .*scale .*{name}\b", command.text), f"{command}: its autoscaler sets that back"


def alternatives(pattern: str) -> list[str]:
    """What a pattern of words, (a|b) and | can mean."""
    if group := re.search(r"\(([^()]*)\)", pattern):
        before, after = pattern[: group.start()], pattern[group.end() :]
        return [meant for choice in group[1].split("|") for meant in alternatives(before + choice + after)]
    return pattern.split("|")


def test_words_looked_for_in_logs_are_words_that_programs_write():
    sources = [path for folder in ("common", "services") for path in (ROOT / folder).rglob("*.[ch]*") if "test" not in path.name]
    written = "\n".join(path.read_text(errors="replace") for path in sources)
    for command in COMMANDS:
        if not command.text.startswith("logs "):
            continue
        for pattern in re.findall(r"grep (?:-E )?'([^']*)'", command.text):
            for looked_for in alternatives(pattern.replace('"msg":', "").replace('"reason":', "").replace('"', "")):
                if re.fullmatch(r"[A-Za-z_ ;,-]+", looked_for):
                    assert looked_for in written, f"{command.runbook}: nobody writes {looked_for}"


def test_metrics_in_commands_are_documented():
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
    unknown = {}
    for book in RUNBOOKS:
        for name in re.findall(r"\b((?:orewatch|grpc|process|prometheus|alertmanager)_[a-z0-9_]+|slo:\w+)\b", book.text):
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            if not FOREIGN_METRIC.match(name) and not {name, family} & documented and name not in LABELS:
                unknown.setdefault(name, set()).add(book.name)
    assert not unknown


# Words of the same form that are labels or settings.
LABELS = {"grpc_service", "grpc_method", "grpc_code", "grpc_type"}


def test_faults_are_shown_by_commands_of_the_runbook():
    for fault in FAULTS:
        for page in fault.pages:
            commands = [command.text for command in runbooks.of(page.alert).commands("sh run", "sh look", section="Diagnosis")]
            for part in page.shows:
                assert any(part in command for command in commands), f"{page.alert} has no command with {part}"


def test_the_documented_faults_are_those_that_are_rehearsed():
    rules = Rules()
    told = {(fault.name, page.alert, page.severity, written(page.promised_s(rules))) for fault in FAULTS for page in fault.pages}
    table = (ROOT / "docs/operations/paging.md").read_text()
    documented = re.findall(r"^\| (.+?) \| \[(\w+)\]\(\.\./runbooks/\2\.md\) \| (\w+) \| ([^|]+?) \|", table, re.MULTILINE)
    assert set(documented) == told and len(documented) == len(told)


def test_what_only_looks_works(installation):
    """Every command that changes nothing, one by one, against what runs."""
    environment, prelude = installation.environment(), installation.prelude()

    def complaint(command) -> str | None:
        done = command.run(environment, prelude)
        if done.returncode == 0 and (command.kind == "sh look" or done.stdout.strip()):
            return None
        return f"{command.runbook}: {command.text}\n  exit {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}"

    with futures.ThreadPoolExecutor(4) as several:
        complaints = several.map(complaint, [command for command in COMMANDS if command.kind != "sh change"])
        failed = [one for one in complaints if one]
    assert not failed, "\n".join(failed)
