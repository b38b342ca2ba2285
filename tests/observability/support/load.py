"""What users do, part by part, for as long as it is asked for; and what must have come of it."""

import threading
import time
import urllib.request

import grpc

from support.caller import ALERTING, GATEWAY, REGISTRY, RISK, Caller

PROVENANCE = {"source": "a load", "as_of": "2026", "licence": "CC-BY-4.0"}
NOT_FOUND, INVALID, ABORTED = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ABORTED
WATCHES = (f"{GATEWAY}/WatchFeed", f"{REGISTRY}/Watch", f"{RISK}/WatchScores", f"{ALERTING}/WatchAlerts")
# Mined in several countries, of which none has most of it: twenty times as much of the greatest, and it is nearly one source.
RESTATED = {
    "baryte": "IN",
    "beryllium": "US",
    "copper": "CL",
    "feldspar": "IN",
    "fluorspar": "CN",
    "manganese": "ZA",
    "molybdenum": "CN",
    "phosphate": "CN",
    "potash": "CA",
    "silver": "MX",
    "tin": "CN",
    "zinc": "CN",
}
# Nearly one source as it is, and far from it with a twentieth of what the greatest mines.
FLAPPING, FLAPPING_COUNTRY = "vanadium", "CN"
# Until the gateway no longer asks it, and tells what it remembers.
AWAY_S = 4


class User:
    """Whose calls all come to what they should."""

    def __init__(self, caller: Caller):
        self._caller = caller
        self._call = caller.call

    def reads(self, turn: int) -> None:
        minerals = list(RESTATED)
        self._call(f"{GATEWAY}/GetOverview")
        self._call(f"{GATEWAY}/GetMineralBrief", name=f"minerals/{minerals[turn % len(minerals)]}")
        self._call(f"{GATEWAY}/Search", query=minerals[turn % len(minerals)])
        self._call(f"{RISK}/ListScores", page_size=20)
        self._call(f"{ALERTING}/ListAlerts", page_size=20)
        self._call(f"{REGISTRY}/GetMineral", name="minerals/cobalt")

    def asks_at_once(self, turn: int) -> None:
        """Several ask the same of what has just changed."""
        asked = [threading.Thread(target=self._call, args=(f"{GATEWAY}/GetOverview",)) for _ in range(8)]
        for one in asked:
            one.start()
        for one in asked:
            one.join()

    def writes(self, turn: int) -> None:
        """Makes a mineral, once more by the same request, changes it, and ends it; every second one comes back."""
        mineral = self._mineral(f"Sample {turn}")
        for _ in range(2):
            self._call(f"{REGISTRY}/CreateMineral", mineral=mineral, mineral_id=f"sample-{turn}", request_id=f"load-{turn}")
        made = self._call(f"{REGISTRY}/GetMineral", name=f"minerals/sample-{turn}")
        made.display_name = "changed"
        self._call(f"{REGISTRY}/UpdateMineral", mineral=made)
        self._call(f"{REGISTRY}/DeleteMineral", name=made.name)
        if turn % 2:
            self._call(f"{REGISTRY}/UndeleteMineral", name=made.name)

    def restates_figures(self, turn: int) -> None:
        """What a country mines, twenty times as much and then again as it was: scores follow, and alerts."""
        mineral, country = list(RESTATED.items())[turn // 2 % len(RESTATED)]
        self._restate(mineral, country, 20 if turn % 2 == 0 else 0.05)

    def goes_to_and_fro(self, turn: int) -> None:
        """The same figure, until nobody wants to be told any more."""
        self._restate(FLAPPING, FLAPPING_COUNTRY, 0.05 if turn % 2 == 0 else 20)

    def _restate(self, mineral: str, country: str, times: float) -> None:
        of_country = f'production.mineral = "minerals/{mineral}" AND production.country = "{country}" AND year = 2024'
        listed = self._call(f"{REGISTRY}/ListStatistics", kind="STATISTIC_KIND_PRODUCTION", page_size=1000, filter=of_country)
        mined = [one for one in listed.statistics if one.production.stage == 1 and one.quantity.tonnes]
        for statistic in mined:
            statistic.quantity.tonnes *= times
        entries = [self._caller.message("orewatch.registry.v1.Entry", statistic=one) for one in mined]
        self._call(f"{REGISTRY}/ApplyChanges", mutations=[{"operation": "OPERATION_UPDATE", "entry": entry} for entry in entries])

    def imports(self, turn: int) -> None:
        """Rows that are taken, and one that cannot be."""
        rows = [self._mineral(f"Imported {number} {turn}", name=f"minerals/imported-{number}") for number in range(20)]
        entries = [self._caller.message("orewatch.registry.v1.Entry", mineral=row) for row in [*rows, self._mineral("Nobody", name="minerals/NO NAME")]]
        report = self._caller.import_rows(*entries)
        if report.rejected != 1 or report.created + report.updated < 1:
            self._caller.surprises.append(f"Import: {report}")

    def changes_rules(self, turn: int) -> None:
        """A rule that many scores meet is made, raised, and deleted: its alerts fire, clear and go."""
        rule = self._caller.message(
            "orewatch.alerting.v1.Rule",
            display_name="Nearly one source, says a load",
            target={"method": "METHOD_HHI"},
            threshold={"raise": 6000},
            severity="SEVERITY_WARNING",
            digest_above=0,
            reason="To see what becomes of it.",
        )
        made = self._call(f"{ALERTING}/CreateRule", rule=rule, rule_id=f"load-{turn}")
        setattr(made.threshold, "raise", 9000)
        self._call(f"{ALERTING}/UpdateRule", rule=made)
        self._call(f"{ALERTING}/DeleteRule", name=made.name)

    def tends_alerts(self, turn: int) -> None:
        """What the person does who is told: of each alert that fires something else."""
        listed = self._call(f"{ALERTING}/ListAlerts", page_size=200, state="ALERT_STATE_FIRING")
        names = [alert.name for alert in listed.alerts if "/load-" not in alert.rule]
        if not names:
            return
        name = names[turn % len(names)]
        later = {"seconds": int(time.time()) + 3600}
        self._call(f"{ALERTING}/AcknowledgeAlert", name=name, comment="seen", expire_time=later)
        self._call(f"{ALERTING}/CommentAlert", name=name, comment="as it should be")
        self._call(f"{ALERTING}/AssignAlert", name=name, assignee="tester")
        if turn % 2:
            self._call(f"{ALERTING}/UnacknowledgeAlert", name=name)
            self._call(f"{ALERTING}/SnoozeAlert", name=name, expire_time=later)

    def follows(self, turn: int) -> None:
        """Streams that are opened, read and closed."""
        self._caller.follow(WATCHES[turn % len(WATCHES)], messages=1)

    def _mineral(self, display_name: str, **more):
        return self._caller.message("orewatch.registry.v1.Mineral", display_name=display_name, kind="KIND_MATERIAL", provenance=PROVENANCE, **more)


class Clumsy:
    """Whose mistakes are refused, and are nobody's fault but theirs."""

    def __init__(self, caller: Caller):
        self._caller = caller
        self._call = caller.call

    def mistakes(self, turn: int) -> None:
        self._call(f"{REGISTRY}/GetMineral", expected=NOT_FOUND, name="minerals/nothing")
        self._call(f"{REGISTRY}/ListMinerals", expected=INVALID, page_token="nonsense")
        self._call(f"{RISK}/ListScores", expected=INVALID, page_size=-1)
        self._call(f"{GATEWAY}/GetMineralBrief", expected=NOT_FOUND, name="minerals/nothing")
        self._caller.give_up(f"{RISK}/ListScores")

    def writes_again(self, turn: int) -> None:
        """What somebody else has changed meanwhile, and by a request that was another one."""
        mineral = self._caller.message("orewatch.registry.v1.Mineral", display_name="Contested", kind="KIND_MATERIAL", provenance=PROVENANCE)
        made = self._call(f"{REGISTRY}/CreateMineral", mineral=mineral, mineral_id=f"contested-{turn}", request_id=f"contested-{turn}")
        mineral.display_name = "Another"
        self._call(f"{REGISTRY}/CreateMineral", expected=INVALID, mineral=mineral, mineral_id=f"contested-{turn}", request_id=f"contested-{turn}")
        stale = made.metadata.etag
        made.display_name = "changed"
        self._call(f"{REGISTRY}/UpdateMineral", mineral=made)
        made.metadata.etag, made.display_name = stale, "changed too late"
        self._call(f"{REGISTRY}/UpdateMineral", expected=ABORTED, mineral=made)


class Stranger:
    """Who has no credential, and is told nothing; each time on a connection of their own."""

    def __init__(self, new_caller):
        self._new_caller = new_caller
        self.surprises: list[str] = []

    def asks(self, turn: int) -> None:
        caller = self._new_caller()
        self._ask(caller.call)
        caller.close()
        self.surprises += caller.surprises

    @staticmethod
    def _ask(call) -> None:
        call(f"{GATEWAY}/GetOverview", expected=grpc.StatusCode.UNAUTHENTICATED)
        call(f"{REGISTRY}/GetMineral", expected=grpc.StatusCode.UNAUTHENTICATED, name="minerals/cobalt")


class Impatient:
    """Who gives less time than any answer takes."""

    def __init__(self, caller: Caller):
        self._call = caller.call

    def asks(self, turn: int) -> None:
        self._call(f"{GATEWAY}/GetOverview", expected=grpc.StatusCode.DEADLINE_EXCEEDED, timeout=0.0005)


class Browser:
    """Who comes through the edge, by HTTP."""

    def __init__(self, url: str, token: str):
        self._url = url
        self._token = token

    def reads(self, turn: int) -> None:
        asked = urllib.request.Request(f"{self._url}/gateway/v1/overview?limit=3", headers={"authorization": f"Bearer {self._token}"})
        with urllib.request.urlopen(asked, timeout=20):
            pass


class Operator:
    """What happens once: risk is away for a while, and a certificate is renewed."""

    def __init__(self, risk, renew):
        self._risk = risk
        self._renew = renew

    def renews_a_certificate(self, turn: int) -> None:
        if turn == 0:
            self._renew()

    def restarts_risk(self, turn: int) -> None:
        if turn == 0:
            self._risk.stop()
            time.sleep(AWAY_S)
            self._risk.run()


class Load:
    """Between `with` and its end: each part again and again in a thread of its own, beside it streams that stay open."""

    def __init__(self, new_caller, url: str, token: str, operator: Operator):
        """`new_caller` makes a Caller `user`, `clumsy`, `stranger` or `impatient`; `url`: of the edge."""
        self._callers = {name: new_caller(name) for name in ("user", "clumsy", "impatient")}
        user, clumsy = User(self._callers["user"]), Clumsy(self._callers["clumsy"])
        self._stranger = Stranger(lambda: new_caller("stranger"))
        # Each with the seconds between two turns.
        self._parts = {
            "reads": (user.reads, 0.1),
            "asks at once": (user.asks_at_once, 1),
            "writes": (user.writes, 0.2),
            "restates figures": (user.restates_figures, 1.5),
            "goes to and fro": (user.goes_to_and_fro, 2),
            "imports": (user.imports, 2),
            "changes rules": (user.changes_rules, 4),
            "tends alerts": (user.tends_alerts, 1),
            "follows": (user.follows, 0.5),
            "mistakes": (clumsy.mistakes, 0.5),
            "writes again": (clumsy.writes_again, 0.5),
            "is a stranger": (self._stranger.asks, 0.5),
            "is impatient": (Impatient(self._callers["impatient"]).asks, 1),
            "comes through the edge": (Browser(url, token).reads, 0.1),
            "renews a certificate": (operator.renews_a_certificate, 5),
            "restarts risk": (operator.restarts_risk, 15),
        }
        self._over = threading.Event()
        self._failures: list[str] = []
        self.turns = dict.fromkeys(self._parts, 0)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._stay, args=(method,)) for method in WATCHES]
        self._threads += [threading.Thread(target=self._repeat, args=(name,)) for name in self._parts]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        for thread in self._threads[len(WATCHES) :]:
            thread.join()
        # Which ends the streams.
        for caller in self._callers.values():
            caller.close()

    def surprises(self) -> list[str]:
        """What came otherwise than it should."""
        return self._failures + [one for who in (*self._callers.values(), self._stranger) for one in who.surprises]

    def _stay(self, method: str) -> None:
        """On a stream, and on another one when it ends."""
        while not self._over.wait(0.5):
            self._callers["user"].follow(method)

    def _repeat(self, name: str) -> None:
        part, pause_s = self._parts[name]
        while not self._over.wait(pause_s):
            try:
                part(self.turns[name])
            # Whatever it is, it is shown by the test.
            except Exception as error:
                self._failures.append(f"{name}: {error!r}")
            self.turns[name] += 1
