"""The net promoter score against its fixture, and that its interval holds the truth."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.measure.nps import nps, top_share
from overdeliver.vocabulary.errors import InputError


def test_the_fixture() -> None:
    found = nps([9, 9, 10, 8, 7, 6, 3, 10, 9, 0])
    assert found is not None
    assert (found.n, found.promoters, found.passives, found.detractors) == (10, 5, 2, 3)
    assert found.value == pytest.approx(20)


def test_without_answers_there_is_no_figure() -> None:
    assert nps([]) is None and top_share([], 4) is None


@pytest.mark.parametrize("wrong", [-1, 11, float("nan")])
def test_an_answer_off_the_scale_is_refused(wrong: float) -> None:
    with pytest.raises(InputError):
        nps([9, wrong])


@given(st.lists(st.integers(0, 10), min_size=1, max_size=200))
def test_it_lies_within_its_bounds(scores: list[int]) -> None:
    found = nps(scores)
    assert found is not None
    assert -100 <= found.interval.low <= found.value <= found.interval.high <= 100
    assert found.promoters + found.passives + found.detractors == found.n


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = random.Random(7)
    held = 0
    for _ in range(800):
        scores = draw.choices([10, 8, 3], [0.5, 0.3, 0.2], k=80)
        found = nps(scores)
        assert found is not None
        held += found.interval.holds(30)
    assert 0.92 < held / 800 < 0.98
