"""The laws hold here, and each of them can fail."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import grimp
import pytest

from tests.house.laws import (
    clocks_in_rules,
    failing_calls,
    foreign_models,
    graph_of,
    left_overs,
    own_roots,
    speaking_inits,
    too_long,
    vocabulary_needs,
)

Toy = Callable[[dict[str, str]], Path]
Lint = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def graph(root: Path) -> grimp.ImportGraph:
    return graph_of(root / "src")


def test_models_are_private_to_their_chapter(graph: grimp.ImportGraph) -> None:
    assert foreign_models(graph) == []


def test_nothing_imports_the_package_it_lies_in(graph: grimp.ImportGraph) -> None:
    assert own_roots(graph) == []


def test_the_vocabulary_needs_the_standard_library_alone(graph: grimp.ImportGraph) -> None:
    assert vocabulary_needs(graph) == []


def test_a_package_is_no_place_for_code(root: Path) -> None:
    assert speaking_inits(root / "src") == []


def test_rules_read_no_clock(root: Path) -> None:
    assert clocks_in_rules(root / "src") == []


def test_the_database_is_asked_only_what_it_can_do(root: Path) -> None:
    assert failing_calls(root / "src") == []


@pytest.mark.parametrize("folder", ["src", "tests", "bench", "examples", "docs", "tools"])
def test_files_have_one_subject_and_no_left_overs(root: Path, folder: str) -> None:
    assert too_long(root / folder) == []
    assert left_overs(root / folder) == []


GRAPH_LAWS = {
    foreign_models: {
        "apps/people/models.py": "class Customer: ...\n",
        "apps/desk/pages.py": "from overdeliver.apps.people.models import Customer\n",
    },
    own_roots: {"tables/cases.py": "from overdeliver.tables import something\n"},
    vocabulary_needs: {"vocabulary/money.py": "import numpy\n"},
}
TREE_LAWS = {
    too_long: {"measure/paths.py": "x = 1\n" * 401},
    left_overs: {"measure/paths.py": "x = 1  # TO" + "DO: finish\n"},
    speaking_inits: {"measure/__init__.py": '"""Doc."""\nfrom os import path\n'},
    failing_calls: {"tables/x.py": "def f(b, t):\n    b.create_table('n', t, overwrite=True)\n"},
    clocks_in_rules: {"apps/care/rules.py": "import datetime as d\nx = d.datetime.now()\n"},
}


@pytest.mark.parametrize(("law", "planted"), GRAPH_LAWS.items())
def test_a_planted_import_breaks_its_law(law: Callable, planted: dict[str, str], toy: Toy) -> None:
    assert law(graph_of(toy({}))) == []
    assert law(graph_of(toy(planted))) != []


@pytest.mark.parametrize(("law", "planted"), TREE_LAWS.items())
def test_a_planted_file_breaks_its_law(law: Callable, planted: dict[str, str], toy: Toy) -> None:
    assert law(toy({})) == []
    assert law(toy(planted)) != []


CONTRACTS = {
    "Floors": {"tables/x.py": "import overdeliver.learn\n"},
    "Floors: audit": {"simulate/x.py": "import overdeliver.audit\n"},
    "The library knows no web": {"measure/x.py": "import django.db\n"},
    "Rules are pure": {"apps/care/rules.py": "import duckdb\n"},
    "Rules are pure: no ORM": {
        "apps/care/rules.py": "import overdeliver.apps.care.models\n",
        "apps/care/models.py": "",
    },
    "Chapters look down": {
        "apps/journal/rules.py": "import overdeliver.apps.desk.rules\n",
        "apps/desk/rules.py": "",
    },
    "Rooms inside": {
        "apps/care/models.py": "import overdeliver.apps.care.actions\n",
        "apps/care/actions.py": "",
    },
    "No rings": {
        "learn/a.py": "import overdeliver.learn.b\n",
        "learn/b.py": "import overdeliver.learn.a\n",
    },
    "One door to Spark": {"measure/x.py": "import pyspark.sql\n"},
}


def test_a_clean_house_keeps_every_contract(toy: Toy, lint: Lint) -> None:
    done = lint(toy({"tables/spark_engine.py": "import pyspark\n"}))
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_planted_import_breaks_its_contract(contract: str, toy: Toy, lint: Lint) -> None:
    done = lint(toy(CONTRACTS[contract]))
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert done.returncode == 1
    assert any(line.startswith(contract.split(":")[0]) for line in broken), done.stdout
