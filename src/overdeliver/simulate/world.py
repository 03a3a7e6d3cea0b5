"""One business as it is: its effects, its calendar and its bad weeks, all drawn from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overdeliver.simulate.kinds import Factor, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 86_400  # seconds


@dataclass(frozen=True)
class Scenario:
    """A stretch of days on which everything takes longer and other numbers of customers come."""

    name: str
    first_day: int
    days: int = 7
    slower: float = 0.0  # added to the log outcome
    demand: float = 1.0  # times the usual number of new customers


@dataclass(frozen=True)
class World:
    """A kind of business with its effects drawn; days count from ``start``, a Monday."""

    kind: Kind
    start: np.datetime64
    effects: Mapping[str, Floats]
    drifts: Mapping[str, Floats]
    spreads: Mapping[str, Floats]  # how much wider or narrower than usual, per name
    scenarios: tuple[Scenario, ...]

    @property
    def seconds(self) -> int:
        """The length of the span."""
        return self.kind.days * DAY


def strike_and_rush(days: int) -> tuple[Scenario, ...]:
    """A week of strike after 45 % of the span, a week of rush after 80 %."""
    return (
        Scenario("strike", int(days * 0.45), slower=0.5),
        Scenario("rush", int(days * 0.80), slower=0.25, demand=3.0),
    )


def make_world(
    kind: Kind, rng: np.random.Generator, start: str, scenarios: tuple[Scenario, ...] | None
) -> World:
    """Draw the effects of every name; ``start`` is moved back to the Monday of its week."""
    day = np.datetime64(start, "D")
    monday = day - np.timedelta64(int((day.astype(int) + 3) % 7), "D")
    centred = {name: _centred(rng, factor, factor.spread) for name, factor in kind.factors.items()}
    return World(
        kind=kind,
        start=monday.astype("datetime64[s]"),
        effects=centred,
        drifts={n: _centred(rng, factor, factor.drift) for n, factor in kind.factors.items()},
        spreads={
            name: np.exp(rng.normal(0.0, 0.0 if factor.known else 0.15, len(factor.names)))
            for name, factor in kind.factors.items()
        },
        scenarios=strike_and_rush(kind.days) if scenarios is None else scenarios,
    )


def _centred(rng: np.random.Generator, factor: Factor, spread: float) -> Floats:
    drawn = rng.normal(0.0, spread, len(factor.names))
    return np.asarray(drawn - drawn.mean(), dtype=np.float64)


def scenario_of(world: World, day: Ints) -> Ints:
    """The number of the scenario that holds on each day, -1 for a calm one."""
    found = np.full(day.shape, -1, dtype=np.int64)
    for number, scenario in enumerate(world.scenarios):
        inside = (day >= scenario.first_day) & (day < scenario.first_day + scenario.days)
        found[inside] = number
    return found


def arrivals(world: World, count: int, rng: np.random.Generator) -> Ints:
    """When new customers come: ``count`` moments in seconds from the start, in no order."""
    days = np.arange(world.kind.days)
    weight = np.asarray(world.kind.week)[days % 7] * (1.0 + 0.3 * days / len(days))
    weight = weight * (1.0 + 0.2 * np.sin(2 * np.pi * (days - 300) / 365.25))
    for scenario in world.scenarios:
        weight[scenario.first_day : scenario.first_day + scenario.days] *= scenario.demand
    chosen = np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(count), side="right")
    return _at_opening_hours(world, chosen.astype(np.int64), rng)


def next_visit(world: World, after: Ints, rng: np.random.Generator) -> Ints:
    """When customers come again, some days after these moments and on an open day."""
    waited = rng.exponential(world.kind.again * DAY, after.shape)
    day = (after + waited.astype(np.int64)) // DAY + 1
    week = np.asarray(world.kind.week)
    for _ in range(6):
        day = day + (week[day % 7] == 0.0)
    return _at_opening_hours(world, day, rng)


def _at_opening_hours(world: World, day: Ints, rng: np.random.Generator) -> Ints:
    first, last = world.kind.hours
    middle = first + 0.55 * (last - first)
    second = rng.triangular(first, middle, last, day.shape) * 3600
    return np.asarray(day * DAY + second.astype(np.int64), dtype=np.int64)
