"""How long each step of a case takes, from columns of moments."""

from datetime import datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.measure.paths.steps import steps
from overdeliver.vocabulary.errors import MissingField

DAY = datetime(2026, 7, 1)


def cases(*rows: tuple[float | None, ...]) -> ibis.Table:
    """Cases from hours after the first of July: placed, packed, sent, observed."""
    columns = zip(*rows, strict=True)
    names = ("placed_at", "packed", "sent", "observed_at")
    moments = [[None if h is None else DAY + timedelta(hours=h) for h in c] for c in columns]
    kind = pa.timestamp("us")
    arrays = {n: pa.array(m, kind) for n, m in zip(names, moments, strict=True)}
    return ibis.memtable(pa.table(arrays))


def test_each_step_has_its_own_durations() -> None:
    hours = np.random.default_rng(3).exponential(10, size=(40, 4)).cumsum(axis=1).round(3)
    found = steps(cases(*map(tuple, hours.tolist())), ["packed", "sent"])
    assert [(step.source, step.target) for step in found] == [
        ("placed_at", "packed"), ("packed", "sent"), ("sent", "observed_at")
    ]  # fmt: skip
    for step, took in zip(found, np.diff(hours, axis=1).T * 3600, strict=True):
        assert step.seconds is not None
        assert (step.seconds.n, step.missing, step.backwards) == (40, 0, 0)
        assert step.seconds.median == pytest.approx(np.median(took))
        assert step.seconds.p90 == pytest.approx(np.quantile(took, 0.9))
        assert step.seconds.mean == pytest.approx(took.mean())


def test_missing_and_backwards_stages_are_counted_and_left_out() -> None:
    found = steps(cases((0, 1, 2, 3), (0, None, 2, 3), (0, 5, 2, 3)), ["packed", "sent"])
    first, second, third = found
    assert first.seconds is not None and first.seconds.n == 2 and first.missing == 1
    assert second.seconds is not None and second.seconds.mean == 3600.0
    assert (second.missing, second.backwards) == (1, 1)
    assert third.seconds is not None and third.seconds.n == 3


def test_a_stage_never_reached_has_no_figure() -> None:
    (before, after) = steps(cases((0, None, 2, 3)), ["packed"])
    assert before.seconds is None and after.seconds is None
    assert before.missing == after.missing == 1


def test_without_stages_there_is_one_step_and_an_unknown_stage_is_named() -> None:
    table = cases((0, 1, 2, 3))
    (only,) = steps(table, [])
    assert only.seconds is not None and only.seconds.median == 3 * 3600.0
    with pytest.raises(MissingField, match="'customs'"):
        steps(table, ["customs"])
