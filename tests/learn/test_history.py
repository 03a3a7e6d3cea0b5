"""Decayed histories against sums written out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.learn.history import Decayed, Events

EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5000), st.floats(-5, 5)), min_size=0, max_size=40
)
QUERIES = st.lists(st.tuples(st.integers(0, 4), st.integers(-10, 6000)), min_size=1, max_size=10)


@given(EVENTS, QUERIES, st.floats(10, 1e5))
@settings(max_examples=80, deadline=None)
def test_a_scan_is_the_sum_over_everything_strictly_before(
    events: list[tuple[int, int, float]], queries: list[tuple[int, int]], half_life: float
) -> None:
    key = np.array([e[0] for e in events], dtype=np.int64)
    at = np.array([e[1] for e in events], dtype=np.float64)
    value = np.array([e[2] for e in events], dtype=np.float64)
    asked = np.array([q[0] for q in queries], dtype=np.int64)
    when = np.array([q[1] for q in queries], dtype=np.float64)
    found = Events(key, at).decayed(value, half_life).at(asked, when)
    for position, (one, moment) in enumerate(zip(asked, when, strict=True)):
        past = (key == one) & (at < moment)
        fade = 2.0 ** (-(moment - at[past]) / half_life)
        np.testing.assert_allclose(found.weight[position], fade.sum(), atol=1e-9)
        np.testing.assert_allclose(found.total[position], (fade * value[past]).sum(), atol=1e-8)


def test_an_event_of_the_same_second_is_not_yet_known() -> None:
    events = Events(np.array([0, 0]), np.array([100.2, 200.0]))
    found = events.before(np.array([0, 0, 0]), np.array([100.9, 101.0, 200.0]))
    assert found.tolist() == [-1, 0, 0]


def test_the_mean_is_pulled_to_the_prior_by_its_strength() -> None:
    seen = Decayed(np.array([0.0, 5.0, 1e9]), np.array([0.0, 10.0, 3e9]))
    np.testing.assert_allclose(seen.mean(1.0, 5.0), [1.0, 1.5, 3.0])
