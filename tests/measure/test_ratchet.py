from collections.abc import Callable
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pytest

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.ratchet import Ratchet, ratchet

CaseMaker = Callable[..., ir.Table]


def found(cases: ir.Table, **options: float | str) -> Ratchet:
    answer = ratchet(cases, **options)  # type: ignore[arg-type]
    assert isinstance(answer, Ratchet)
    return answer


def test_a_margin_that_never_bites_is_warned_of(make_cases: CaseMaker) -> None:
    answer = found(make_cases([4.0, 5.0, 6.0] * 100), unit="days")
    assert answer.early and answer.never_bites
    assert answer.usual_gap == 5.0 and answer.usual_promise == 10.0
    assert answer.share_beaten.rate == 1.0 and answer.kept.rate == 1.0
    assert answer.message is not None and "5 days better than promised" in answer.message
    assert "fewer than 1 of 100" in answer.message


def test_early_as_the_norm_with_a_margin_that_bites(make_cases: CaseMaker) -> None:
    answer = found(make_cases([5.0] * 90 + [-1.0] * 30))
    assert answer.early and not answer.never_bites
    assert answer.message is not None and "closer promise" in answer.message


def test_promises_just_kept_raise_no_warning(make_cases: CaseMaker) -> None:
    answer = found(make_cases([0.0, 1.0, 2.0] * 100))
    assert not answer.early and not answer.never_bites and answer.message is None
    assert answer.kept.rate == 1.0  # kept always, but not by much


def test_half_of_them_early_is_not_yet_the_norm(make_cases: CaseMaker) -> None:
    assert not found(make_cases([5.0, 0.0] * 100)).early


def test_beyond_sets_the_bar_in_the_unit(make_cases: CaseMaker) -> None:
    cases = make_cases([2.0] * 120)
    assert not found(cases).early
    assert found(cases, beyond=1.0).early
    assert found(cases, share=0.1).early


def test_only_the_recent_stretch_speaks(make_cases: CaseMaker) -> None:
    start = datetime(2023, 1, 1)
    made = [start + timedelta(days=i) for i in range(600)]
    answer = found(make_cases([-3.0] * 400 + [6.0] * 200, made_at=made))
    assert answer.early and answer.never_bites
    assert answer.since >= datetime(2024, 2, 5) - timedelta(days=31) and answer.n >= 150


@pytest.mark.parametrize("n", [0, 99])
def test_a_short_history_is_not_enough(make_cases: CaseMaker, n: int) -> None:
    answer = ratchet(make_cases([5.0] * n + [None] * 300))
    assert answer == NotEnough(f"{n} settled promises, 100 are needed", n, 100)
