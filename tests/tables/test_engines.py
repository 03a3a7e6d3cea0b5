"""The choice of an engine: what it can, what it needs, what is said when it cannot."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from overdeliver.tables import engines
from overdeliver.tables.engines import TASKS, Engine, chosen, missing, to_engine, why_not
from overdeliver.vocabulary.errors import InputError


def test_an_engine_is_chosen_by_name() -> None:
    assert chosen(" DuckDB ") is Engine.DUCKDB
    with pytest.raises(InputError, match="no engine 'postgres'; choose duckdb or spark"):
        chosen("postgres")


def test_every_refusal_has_a_reason() -> None:
    for task in TASKS:
        for engine in Engine:
            reason = why_not(engine, task.name)
            assert (reason is None) == (engine in task.engines)
            assert reason != ""
    with pytest.raises(InputError, match="no task 'dance'; the tasks are: measure, "):
        why_not(Engine.SPARK, "dance")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A machine with or without PySpark and Java."""

    def have(*, pyspark: bool, java: bool, home: str | None = None) -> None:
        monkeypatch.setattr(engines, "find_spec", lambda name: object() if pyspark else None)
        monkeypatch.setattr(engines.shutil, "which", lambda name: "/bin/java" if java else None)
        monkeypatch.delenv("JAVA_HOME", raising=False)
        if home is not None:
            monkeypatch.setenv("JAVA_HOME", home)

    return have


def test_what_spark_lacks_is_said_with_the_way_to_get_it(machine: Any, tmp_path: Path) -> None:
    machine(pyspark=False, java=True)
    assert "pip install 'overdeliver[spark]'" in str(missing(Engine.SPARK))
    machine(pyspark=True, java=False)
    with pytest.raises(InputError, match="needs Java 17"):
        chosen("spark")
    with pytest.raises(InputError, match="needs Java 17"):
        to_engine(tmp_path, Engine.SPARK)
    machine(pyspark=True, java=True)
    assert missing(Engine.SPARK) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    machine(pyspark=True, java=False, home=str(tmp_path))
    assert missing(Engine.SPARK) is None


def test_cases_in_parquet_come_as_a_table_file_or_folder(tmp_path: Path) -> None:
    for part in range(2):
        pq.write_table(pa.table({"gap": [1.0, 2.0]}), tmp_path / f"{part}.parquet")
    assert to_engine(tmp_path / "0.parquet", Engine.DUCKDB).count().execute() == 2
    assert to_engine(tmp_path, Engine.DUCKDB).count().execute() == 4
