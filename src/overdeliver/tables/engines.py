"""Where the work is done: DuckDB in this process or Spark on a cluster; what each can do."""

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from overdeliver.tables.connect import connect
from overdeliver.vocabulary.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Engine(StrEnum):
    """DuckDB is the default and enough for tens of millions of rows; Spark is for more machines."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True)
class Task:
    """A kind of work, the engines that do it, and why another does not."""

    name: str
    engines: frozenset[Engine]
    why: str = ""


_BOTH = frozenset(Engine)
_HERE = frozenset({Engine.DUCKDB})

#: Every kind of work that reads a table.
TASKS = (
    Task("measure", _BOTH),  # counts, rates, gaps, curves: exact aggregates, equal on both
    Task("paths", _BOTH),  # Spark by window functions; equal moments need a column for their order
    Task("quote", _BOTH),  # a fitted estimator over batches; installed on every worker
    Task(
        "read",
        _HERE,
        "CSV, XLSX and XES are read on one machine, so that each bad row can be named by its line; "
        "write the cases to Parquet once and give Spark that",
    ),
    Task(
        "history",
        _HERE,
        "features of the past need an as-of join, which Ibis does not have on Spark; compute them "
        "with DuckDB and write them to Parquet",
    ),
    Task(
        "learn",
        _HERE,
        "the estimators fit in memory; fit on a sample or one machine, then quote on Spark",
    ),
    Task(
        "approximate quantiles",
        frozenset(),
        "the engines approximate differently and would not agree; quantiles here are exact",
    ),
)


def why_not(engine: Engine, task: str) -> str | None:
    """None when ``engine`` does ``task``, else the reason and the way round it.

    Raises InputError for a task that is not in ``TASKS``.

    >>> why_not(Engine.DUCKDB, "learn") is None
    True
    >>> why_not(Engine.SPARK, "history")[:47]
    'features of the past need an as-of join, which '
    """
    for known in TASKS:
        if known.name == task:
            return None if engine in known.engines else known.why
    names = ", ".join(known.name for known in TASKS)
    raise InputError(f"no task {task!r}; the tasks are: {names}")


def missing(engine: Engine) -> str | None:
    """What has to be installed before ``engine`` can run here; None when it can.

    >>> missing(Engine.DUCKDB) is None
    True
    """
    if engine is Engine.DUCKDB:
        return None
    if find_spec("pyspark") is None:
        return "Spark needs the extra: pip install 'overdeliver[spark]'"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        return "Spark needs Java 17 or newer; on Debian: apt-get install openjdk-17-jre-headless"
    return None


def chosen(name: str) -> Engine:
    """The engine of that name, ready to run. Raises InputError when there is none or it cannot.

    >>> chosen("duckdb")
    <Engine.DUCKDB: 'duckdb'>
    """
    try:
        engine = Engine(name.strip().lower())
    except ValueError:
        names = " or ".join(Engine)
        raise InputError(f"no engine {name!r}; choose {names}") from None
    if (lack := missing(engine)) is not None:
        raise InputError(lack)
    return engine


def to_engine(
    cases: Path | str,
    engine: Engine,
    *,
    master: str | None = None,
    session: "SparkSession | None" = None,
) -> ir.Table:
    """A Parquet file or folder of cases as a table of ``engine``; nothing is read yet.

    For Spark ``cases`` may be any address its workers reach (``s3a://``, ``hdfs://``), and
    ``master`` or ``session`` says which cluster (``overdeliver.tables.spark_engine``).
    Raises InputError when the engine cannot run here.
    """
    chosen(engine)
    if engine is Engine.DUCKDB:
        path = Path(cases)
        return connect().read_parquet(str(path / "*.parquet" if path.is_dir() else path))
    from overdeliver.tables.spark_engine import connect_spark

    return connect_spark(master, session=session).read_parquet(str(cases))
