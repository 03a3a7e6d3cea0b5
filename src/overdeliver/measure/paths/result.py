"""What a look at an event log gives: edges, variants, rework, with counts and seconds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Spread:
    """Durations in seconds: how many, their mean, median and 90th percentile.

    The percentiles interpolate linearly between the two nearest values (Hyndman and Fan's
    definition 7, the default of numpy, DuckDB's ``quantile_cont`` and Spark's ``percentile``).
    """

    n: int
    mean: float
    median: float
    p90: float


@dataclass(frozen=True)
class Edge:
    """``target`` came directly after ``source``; ``seconds.n`` is how many times."""

    source: str
    target: str
    seconds: Spread


@dataclass(frozen=True)
class Variant:
    """One way through the journey and the number of cases that went it."""

    steps: tuple[str, ...]
    cases: int


@dataclass(frozen=True)
class Rework:
    """An activity that came again within a case: in how many cases, how many times too often."""

    activity: str
    cases: int
    repeats: int


@dataclass(frozen=True)
class Paths:
    """The directly-follows graph of an event log, its durations and its variants.

    ``left_out`` counts events without a case, an activity or a time. ``variants`` holds the most
    frequent ones; ``variant_count`` says how many there are in all. ``case_seconds`` is None when
    no event could be used.
    """

    cases: int
    events: int
    left_out: int
    activities: Mapping[str, int]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    edges: tuple[Edge, ...]
    variants: tuple[Variant, ...]
    variant_count: int
    rework: tuple[Rework, ...]
    case_seconds: Spread | None

    def to_dict(self) -> dict[str, Any]:
        """The same figures as plain values, ready for JSON."""
        return {"schema": "overdeliver.paths/1", **asdict(self)}


def ranked(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts from the most frequent down, names in alphabetical order where counts are equal.

    >>> ranked({"b": 1, "a": 1, "c": 5})
    {'c': 5, 'a': 1, 'b': 1}
    """
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def arranged(
    edges: list[Edge], variants: list[Variant], rework: list[Rework]
) -> tuple[tuple[Edge, ...], tuple[Variant, ...], tuple[Rework, ...]]:
    """All three from the most frequent down; ties by name, so that every engine gives one order."""
    return (
        tuple(sorted(edges, key=lambda e: (-e.seconds.n, e.source, e.target))),
        tuple(sorted(variants, key=lambda v: (-v.cases, v.steps))),
        tuple(sorted(rework, key=lambda r: (-r.cases, -r.repeats, r.activity))),
    )
