"""An installation that is watched, for all tests of a file."""

import pytest

from support.installation import Installation

# An hour lasts a minute: the shortest windows of the rules, 2 minutes, still see two scrapes.
TIME_SCALE = 60


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    with Installation(tmp_path_factory.mktemp("installation"), TIME_SCALE) as started:
        yield started
