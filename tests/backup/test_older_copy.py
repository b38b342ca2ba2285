"""docs/operations/backup.md, with a dump of a release before, whose tables are fewer than those that are there."""

import pytest

from scene import Load, Scene

# What the newest steps of the schema have added goes, as a dump of before them has it.
OLDER = {
    "risk": "DROP TABLE secret; UPDATE risk_schema SET version = 1",
    "alerting": "DROP TABLE facts; ALTER TABLE secret DROP COLUMN origin; UPDATE alerting_schema SET version = 2",
}


def version(scene: Scene, service: str) -> str:
    return scene.engine.query(service, f"SELECT version FROM {service}_schema")


@pytest.mark.parametrize("service", OLDER)
@pytest.mark.parametrize("scene", ["postgres"], indirect=True)
def test_a_dump_of_before_an_upgrade_comes_back_and_is_upgraded_again(scene, service):
    newest = version(scene, service)
    scene.services[service].stop()
    scene.engine.query(service, OLDER[service])
    scene.engine.copy(scene.page, service)
    # The upgrade.
    scene.services[service].run()
    assert version(scene, service) == newest
    with Load(scene):
        pass
    # And back to before it.
    scene.restore(service)
    assert version(scene, service) < newest
    scene.services[service].run()
    assert version(scene, service) == newest
    with Load(scene):
        pass
    scene.services.await_consistent()
