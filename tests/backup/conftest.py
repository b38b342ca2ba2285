import contextlib

import pytest

from programs.postgres import Postgres
from programs.services import Services
from scene import Embedded, InPostgres, Scene


@pytest.fixture(params=["sqlite", "postgres"])
def scene(request, tmp_path):
    with contextlib.ExitStack() as stack:
        engine = Embedded(tmp_path) if request.param == "sqlite" else InPostgres(stack.enter_context(Postgres()))
        services = stack.enter_context(Services(tmp_path, flags=engine.flags))
        services.import_bundled_data()
        yield Scene(services, engine, tmp_path)
