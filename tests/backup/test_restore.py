"""docs/operations/backup.md, as it is written there: each database is copied under load and restored alone, while the others go on."""

import pytest

from scene import STORES, Load, Scene

TIN = ("tin", "--stage=mine", "--method=hhi")


def tonnes_of_tin(scene: Scene) -> float:
    """What the registry holds of Australia's mines in the year that the score is of."""
    wanted = {"mineral": "minerals/tin", "stage": "STAGE_MINE", "country": "AU"}
    figures = [one for one in scene.json("list", "production")["statistics"] if wanted.items() <= one["production"].items()]
    (figure,) = [one for one in figures if one["dataset"] == "usgs-mcs-2026" and one["year"] == 2024]
    return figure["quantity"]["tonnes"]


def test_the_registry_alone_goes_back_to_an_exact_revision_under_a_new_lineage(scene):
    with Load(scene) as load:
        before = scene.revision()
        scene.engine.copy(scene.page, "registry")
        after = scene.revision()
        load.more()
    scene.rename_tin("Lost")
    scene.services.await_consistent()
    lineage = scene.json("alerts", "list")["revision"]["lineage"]
    scene.restore("registry")
    scene.services["registry"].run()
    kept = scene.revision()
    assert before <= kept <= after
    assert tonnes_of_tin(scene) == load.tonnes[kept]
    assert "Lost" not in scene.ctl("get", "minerals/tin")
    with Load(scene):
        pass
    scene.services.await_consistent()
    assert scene.json("alerts", "list")["revision"]["lineage"] != lineage


def recorded(scene: Scene) -> list:
    """What the score of tin has been, oldest first: revision and value."""
    records = scene.json("score", "history", *TIN, "--oldest_first", "--limit=0")["records"]
    return [(int(record["score"]["changedRevision"]["number"]), record["score"]["value"]) for record in records]


def test_the_score_history_alone_goes_on_behind_its_copy(scene):
    with Load(scene) as load:
        scene.engine.copy(scene.page, "risk")
        load.more()
        before = recorded(scene)
        scene.restore("risk")
        kept = int(scene.engine.query("risk", "SELECT revision FROM position"))
        stopped = scene.revision()
        load.more()
        scene.services["risk"].run()
        load.more()
    scene.services.await_consistent()
    # A part is away, and never all.
    assert load.codes <= {0, 3}
    after = recorded(scene)
    assert kept < max(revision for revision, _ in before)
    assert [record for record in after if record[0] <= kept] == [record for record in before if record[0] <= kept]
    # What changed in between stands there as one change.
    assert not [record for record in after if kept < record[0] < stopped]
    assert after[-1] == (scene.revision(), scene.json("score", *TIN)["scores"][0]["value"])


def firing(scene: Scene) -> list[str]:
    return sorted(alert["name"] for alert in scene.json("alerts", "list", "--state=firing")["alerts"])


def lineage_of_alerts(scene: Scene) -> str:
    return scene.json("alerts", "list")["lineage"]


def test_alerting_alone_finds_its_alerts_again_under_a_new_lineage(scene):
    at_first, lineage = firing(scene), lineage_of_alerts(scene)
    scene.ctl("alerts", "comment", at_first[0], "said before")
    with Load(scene) as load:
        scene.engine.copy(scene.page, "alerting")
        load.more()
        scene.ctl("alerts", "comment", at_first[0], "said after")
        # Nearly one source: more fires than the copy knows.
        scene.restate_tin("CN", 10_000_000)
        scene.services["alerting"].await_true(lambda: set(firing(scene)) > set(at_first), "one more alert")
        before = firing(scene)
        scene.restore("alerting")
        load.more()
        scene.services["alerting"].run()
        load.more()
    scene.services.await_consistent()
    assert load.codes <= {0, 3}
    # What waits may have begun to fire meanwhile.
    assert not set(before) - set(firing(scene))
    assert lineage_of_alerts(scene) != lineage
    said = scene.ctl("alerts", "history", at_first[0])
    assert "said before" in said and "said after" not in said


@pytest.mark.parametrize("scene", ["postgres"], indirect=True)
def test_alerts_that_go_back_unnoticed_are_made_another_history_by_hand(scene):
    lineage = lineage_of_alerts(scene)
    scene.services["alerting"].stop()
    scene.page.run("psql alerting")
    scene.services["alerting"].run()
    scene.services.await_consistent()
    assert lineage_of_alerts(scene) != lineage


def test_a_whole_site_comes_back_from_copies_of_different_moments(scene):
    """docs/operations/disaster_recovery.md: what alerting and risk know of is partly what the registry has lost, and partly what it has not told yet."""
    with Load(scene) as load:
        scene.engine.copy(scene.page, "alerting")
        load.more()
        scene.engine.copy(scene.page, "registry")
        load.more()
        scene.engine.copy(scene.page, "risk")
        load.more()
    for service in scene.services:
        service.kill()
    for service in STORES:
        scene.engine.lose(service)
        scene.engine.restore(scene.page, service)
    for service in scene.services:
        service.run()
    kept = scene.revision()
    assert tonnes_of_tin(scene) == load.tonnes[kept]
    scene.services.await_consistent()
    # Of what the registry has lost nothing is left but in the past of the score.
    assert recorded(scene)[-1][0] <= kept
    with Load(scene):
        pass
    scene.services.await_consistent()
    assert recorded(scene)[-1] == (scene.revision(), scene.json("score", *TIN)["scores"][0]["value"])
