"""Paths against counts made another way: by plain loops, and by window functions."""

import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.paths import ways
from overdeliver.measure.paths.discover import paths, paths_of_parquet
from overdeliver.measure.paths.result import Paths
from overdeliver.measure.paths.windows import paths_by_window
from overdeliver.tables.connect import connect
from overdeliver.vocabulary.errors import InputError, MissingField, UnreadableFile

XES = {"case": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}
LOGS = ("running-example", "receipt", "helpdesk")


def counted(rows: list[tuple[Any, str, datetime]]) -> dict[str, Any]:
    """The same figures by loops: no numpy, no hashing, no codes."""
    journeys: dict[Any, list[tuple[datetime, str]]] = defaultdict(list)
    for case, activity, at in rows:
        journeys[case].append((at, activity))
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    ways: Counter[tuple[str, ...]] = Counter()
    again: dict[str, list[int]] = defaultdict(list)
    lasted = []
    for events in journeys.values():
        events.sort(key=lambda event: event[0])
        ways[tuple(activity for _, activity in events)] += 1
        lasted.append((events[-1][0] - events[0][0]).total_seconds())
        for (start, before), (stop, after) in pairwise(events):
            took[before, after].append((stop - start).total_seconds())
        for activity, times in Counter(activity for _, activity in events).items():
            if times > 1:
                again[activity].append(times - 1)
    return {"took": took, "ways": ways, "again": again, "lasted": lasted}


def assert_same(found: Paths, rows: list[tuple[Any, str, datetime]]) -> None:
    truth = counted(rows)
    assert (found.cases, found.events) == (len(truth["lasted"]), len(rows))
    assert {way.steps: way.cases for way in found.variants} == truth["ways"]
    assert found.variant_count == len(truth["ways"])
    assert {edge.source: 0 for edge in found.edges}.keys() == {a for a, _ in truth["took"]}
    for edge in found.edges:
        seconds = truth["took"][edge.source, edge.target]
        assert edge.seconds.n == len(seconds)
        assert edge.seconds.mean == pytest.approx(statistics.fmean(seconds), rel=1e-9, abs=1e-9)
        assert edge.seconds.median == pytest.approx(statistics.median(seconds), rel=1e-9, abs=1e-9)
        assert edge.seconds.p90 == pytest.approx(np.quantile(seconds, 0.9), rel=1e-9, abs=1e-9)
    assert sum(edge.seconds.n for edge in found.edges) == len(rows) - len(truth["lasted"])
    assert found.starts == Counter(way[0] for way in truth["ways"].elements())
    assert found.ends == Counter(way[-1] for way in truth["ways"].elements())
    again = {one.activity: (one.cases, one.repeats) for one in found.rework}
    assert again == {name: (len(extra), sum(extra)) for name, extra in truth["again"].items()}
    assert found.case_seconds is not None
    assert found.case_seconds.median == pytest.approx(statistics.median(truth["lasted"]))


def assert_close(found: Paths, other: Paths) -> None:
    """Equal counts and names, durations to 1e-9."""

    def numbers(value: Any) -> Any:
        if isinstance(value, float):
            return pytest.approx(value, rel=1e-9, abs=1e-9)
        if isinstance(value, dict):
            return {key: numbers(one) for key, one in value.items()}
        return tuple(map(numbers, value)) if isinstance(value, tuple) else value

    left, right = found.to_dict(), other.to_dict()
    for key, value in left.items():
        assert right[key] == numbers(value), key


def table(rows: list[tuple[Any, str, datetime]]) -> pa.Table:
    case, activity, at = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "case": list(case),
            "what": pa.array(activity, pa.string()),
            "at": pa.array(at, pa.timestamp("us")),
        }
    )


SMALL = {"case": "case", "activity": "what", "at": "at"}


@pytest.mark.real
@pytest.mark.parametrize("log", LOGS)
def test_real_logs_equal_a_count_by_loops(shared_data: Path, log: str) -> None:
    file = shared_data / "eventlog" / f"{log}.parquet"
    rows = list(zip(*pq.read_table(file, columns=list(XES.values())).to_pydict().values(),
                    strict=True))  # fmt: skip
    assert_same(paths_of_parquet(file, **XES, keep_variants=None), rows)
    assert_same(paths(pq.read_table(file), **XES, keep_variants=None), rows)


@pytest.mark.real
@pytest.mark.parametrize("log", LOGS)
def test_window_functions_give_the_same(shared_data: Path, log: str) -> None:
    file = shared_data / "eventlog" / f"{log}.parquet"
    events = connect().read_parquet(file).mutate(row=ibis.row_number())
    assert_close(paths_by_window(events, **XES, order="row"), paths(events, **XES))


START = datetime(2026, 7, 1)
events = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from(["placed", "sent", "arrived", "returned"]),
        st.integers(0, 5_000_000).map(lambda n: START + timedelta(microseconds=n * 333_333)),
    ),
    min_size=1,
    max_size=60,
)


@given(events)
@settings(max_examples=60, deadline=None)
def test_any_log_equals_a_count_by_loops(rows: list[tuple[Any, str, datetime]]) -> None:
    assert_same(paths(table(rows), **SMALL), rows)


@given(events, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_names_of_cases_do_not_matter(rows: list[tuple[Any, str, datetime]], random: Any) -> None:
    names = [f"case {n}" for n in range(7)]
    random.shuffle(names)
    renamed = [(names[case], activity, at) for case, activity, at in rows]
    assert paths(table(renamed), **SMALL).to_dict() == paths(table(rows), **SMALL).to_dict()


def test_equal_moments_keep_the_order_of_the_source() -> None:
    rows = [("a", "sent", START), ("b", "x", START - timedelta(1)), ("a", "placed", START)]
    assert ("sent", "placed") in {way.steps for way in paths(table(rows), **SMALL).variants}


def test_events_out_of_order_are_put_in_order() -> None:
    rows = [("a", "sent", START + timedelta(1)), ("a", "placed", START)]
    (variant,) = paths(table(rows), **SMALL).variants
    assert variant.steps == ("placed", "sent")


def test_an_edge_lasts_as_long_as_it_took() -> None:
    rows = [(n, what, START + timedelta(minutes=n * late)) for n in range(11)
            for what, late in (("placed", 0), ("sent", 1))]  # fmt: skip
    (edge,) = paths(table(rows), **SMALL).edges
    assert (edge.seconds.mean, edge.seconds.median, edge.seconds.p90) == (300.0, 300.0, 540.0)


@pytest.mark.parametrize("hole", ["case", "what", "at"])
def test_events_with_a_hole_are_left_out_and_counted(hole: str) -> None:
    log = table([("a", "placed", START), ("a", "sent", START), ("b", "placed", START)])
    position = log.column_names.index(hole)
    holed = pa.array([None, *log.column(hole).to_pylist()[1:]], log.schema.field(hole).type)
    source = log.set_column(position, hole, holed)
    found = paths(source, **SMALL)
    assert (found.events, found.left_out) == (2, 1)
    assert_close(paths_by_window(ibis.memtable(source), **SMALL), found)


def test_no_events_give_no_figures() -> None:
    empty = table([]).cast(
        pa.schema([("case", pa.string()), ("what", pa.string()), ("at", pa.timestamp("us"))])
    )
    for found in (paths(empty, **SMALL), paths_by_window(ibis.memtable(empty), **SMALL)):
        assert (found.cases, found.edges, found.case_seconds) == (0, (), None)


def test_only_the_most_frequent_variants_are_kept_ties_by_name() -> None:
    rows = [(case, what, START) for case, what in enumerate(["c", "b", "a", "b", "d"])]
    found = paths(table(rows), **SMALL, keep_variants=2)
    assert [way.steps for way in found.variants] == [("b",), ("a",)]
    assert found.variant_count == 4
    lazily = paths_by_window(ibis.memtable(table(rows)), **SMALL, keep_variants=2)
    assert lazily.variants == found.variants
    assert paths(table(rows), **SMALL, keep_variants=0).variants == ()


def test_a_stream_a_dictionary_and_a_zone_make_no_difference() -> None:
    log = table([("a", "placed", START), ("b", "placed", START), ("a", "sent", START)])
    truth = paths(log, **SMALL)
    stream = pa.RecordBatchReader.from_batches(log.schema, log.to_batches(max_chunksize=1))
    assert paths(stream, **SMALL) == truth
    coded = pa.chunked_array(
        [log["case"].chunk(0).slice(i, 1).dictionary_encode() for i in range(3)]
    )
    zoned = log["at"].cast(pa.timestamp("us", "UTC"))
    assert paths(log.set_column(0, "case", coded).set_column(2, "at", zoned), **SMALL) == truth


def test_days_count_as_moments_text_does_not() -> None:
    log = table([("a", "placed", START), ("a", "sent", START + timedelta(1))])
    days = log.set_column(2, "at", log["at"].cast(pa.date32()))
    assert paths(days, **SMALL).edges[0].seconds.mean == 86400.0
    with pytest.raises(InputError, match="not moments"):
        paths(log.set_column(2, "at", log["at"].cast(pa.string())), **SMALL)


def test_a_missing_column_and_a_file_that_is_no_parquet_say_so(tmp_path: Path) -> None:
    log = table([("a", "placed", START)])
    with pytest.raises(MissingField, match=r"'who'.*case, what, at"):
        paths(log, case="who", activity="what", at="at")
    with pytest.raises(MissingField, match="'who'"):
        paths_by_window(ibis.memtable(log), **SMALL, order="who")
    broken = tmp_path / "log.parquet"
    broken.write_bytes(b"PAR1 not really")
    with pytest.raises(UnreadableFile, match=r"log\.parquet"):
        paths_of_parquet(broken, **SMALL)


def test_many_activities_and_long_cases_are_coded_without_collisions() -> None:
    random = np.random.default_rng(7)
    size = 20_000
    rows = [
        (int(case), f"step {what}", datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=int(at)))
        for case, what, at in zip(random.integers(0, 50, size), random.integers(0, 400, size),
                                  random.permutation(size), strict=True)
    ]  # fmt: skip
    assert_same(paths(table([(c, w, t.replace(tzinfo=None)) for c, w, t in rows]), **SMALL), rows)


@pytest.mark.parametrize("other", [("placed", "lost"), ("placed",)])
def test_two_ways_that_share_a_hash_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, other: tuple[str, ...]
) -> None:
    rows = [("a", "placed", START), ("a", "sent", START)]
    rows += [("b", what, START) for what in other]
    honest, drawn = ways._hashes, []

    def colliding_once(journeys: Any, position: Any, random: Any) -> Any:
        drawn.append(random)
        return honest(journeys, position, random) * np.uint64(len(drawn) > 1)

    monkeypatch.setattr(ways, "_hashes", colliding_once)
    assert_same(paths(table(rows), **SMALL), rows)
    assert len(drawn) == 2
