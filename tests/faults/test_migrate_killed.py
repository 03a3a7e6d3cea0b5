"""Bringing the tables up to date, killed in the middle: the next try finishes."""

import random
import time
from pathlib import Path

from tests.figures import figure
from tests.processes import Installation, empty_installation, kill

#: Seconds after the start; loading takes the first, the tables the next.
MOMENTS = figure([1.8, 2.8], [random.uniform(1, 6) for _ in range(20)])
TABLES = """
import json
from django.db import connection
print(json.dumps(len(connection.introspection.table_names())))
"""


def test_a_killed_migration_is_finished_by_the_next(tmp_path: Path) -> None:
    with empty_installation(tmp_path / "data") as house:
        for moment in MOMENTS:
            migrating = house.start("migrate")
            time.sleep(moment)
            kill(migrating)
            migrating.wait()
        house.command("migrate")
        made = house.python(TABLES)
        house.command("migrate")  # once more changes nothing
        assert house.python(TABLES) == made > 60
        _works(house)


def _works(house: Installation) -> None:
    house.knobs["OVERDELIVER_PASSWORD"] = "a long password 7"
    house.command("createowner", "owner@example.org", "--name", "Olga")
    del house.knobs["OVERDELIVER_PASSWORD"]
    house.web(processes=1)
    assert house.get("/readyz")[0] == 200
