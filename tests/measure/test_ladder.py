"""The ladder against a slow, plain count of the same, and against cases worked out by hand."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.ladder import GONE, STATES, Ladder, Rhythm, ladder

EPOCH = date(1970, 1, 1)
Orders = list[tuple[int, int]]


def drawn(orders: Orders) -> Ladder:
    """The ladder of orders (customer, day), however few."""
    who, days = np.array(orders).T
    found = ladder(who, days, minimum=1, regular_from=2, loyal_from=5)
    assert isinstance(found, Ladder)
    return found


def plain(orders: Orders, rhythm: Rhythm) -> dict[int, tuple[int, str]]:
    """Visits and state of each customer, counted one by one."""
    days: dict[int, set[int]] = defaultdict(set)
    for customer, day in orders:
        days[customer].add(day)
    as_of = max(day for _, day in orders)
    found = {}
    for customer, of in days.items():
        came = sorted(of)
        own = [b - a for a, b in pairwise(came)]
        limit = median(own) * rhythm.spread if len(own) > 1 else rhythm.most
        silence, visits = as_of - came[-1], len(came)
        rung = "loyal" if visits >= 5 else "regular" if visits >= 2 else "new"
        if silence > limit:
            rung = "slipping" if rung != "new" and silence <= GONE * limit else "gone"
        found[customer] = (visits, rung)
    return found


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 12), st.integers(-50, 400)), min_size=2, max_size=80).filter(
        lambda orders: any(a[0] == b[0] and a[1] != b[1] for a in orders for b in orders)
    )
)
def test_it_is_what_a_plain_count_finds(orders: Orders) -> None:
    found = drawn(orders)
    of = found.customers
    states = [STATES[at] for at in of.state]
    told = dict(
        zip(of.customer.tolist(), zip(of.visits.tolist(), states, strict=True), strict=True)
    )
    assert told == plain(orders, found.rhythm)
    assert sum(found.counts.values()) == len(told) == of.customer.size
    firsts = {c: min(d for one, d in orders if one == c) for c, _ in orders}
    for month in found.months:
        first, last = (month.first - EPOCH).days, (month.last - EPOCH).days
        assert month.new == sum(first <= at <= last for at in firsts.values())
        since = last - found.rhythm.most
        if since < min(day for _, day in orders):
            assert month.active is None
        else:
            assert month.active == len({c for c, day in orders if since < day <= last})


def test_several_orders_of_a_day_are_one_visit_and_their_order_is_nothing() -> None:
    orders = [(1, 0), (1, 10), (1, 10), (1, 20), (2, 5), (2, 20)]
    found, turned = drawn(orders), drawn(orders[::-1])
    assert found.customers.visits.tolist() == [3, 2] == turned.customers.visits.tolist()
    assert found.counts == turned.counts and found.rhythm == Rhythm(10.0, 14.0, 1.4, 3)


def test_a_weekly_guest_slips_away_long_before_a_yearly_one() -> None:
    weekly = [(who, day) for who in range(8) for day in range(0, 70 + 7 * who, 7)]
    yearly = [(who, day) for who in (20, 21) for day in (-1000, -620, -300, 30)]
    who, days = np.array([*weekly, *yearly, (30, 150)]).T
    found = ladder(who, days, regular_from=3, loyal_from=12)
    assert isinstance(found, Ladder) and found.rhythm.spread < 1.2
    states = dict(zip(found.customers.customer.tolist(), found.customers.state, strict=True))
    assert {STATES[states[one]] for one in range(8)} == {"gone"}
    assert STATES[states[20]] == "regular" and STATES[states[30]] == "new"


def test_dates_are_read_and_the_last_month_ends_with_the_last_order() -> None:
    start = np.datetime64("2026-01-01")
    days = start + np.arange(0, 200, 2)
    found = ladder(np.zeros(100, int), days, regular_from=2, loyal_from=5)
    assert isinstance(found, Ladder)
    assert found.as_of == date(2026, 1, 1) + timedelta(days=198) == found.months[-1].last
    assert [one.first.month for one in found.months] == [1, 2, 3, 4, 5, 6, 7]
    assert found.months[0].new == 1 and sum(one.regular for one in found.months) == 1
    assert found.customers.of("loyal").tolist() == [0]


@pytest.mark.parametrize("n", [0, 1, 29])
def test_too_little_says_so(n: int) -> None:
    who, days = np.repeat(np.arange(n), 2), np.tile([0, 5], n)
    found = ladder(who, days, regular_from=2, loyal_from=5)
    assert isinstance(found, NotEnough) and (found.have, found.need) == (n, 30)
