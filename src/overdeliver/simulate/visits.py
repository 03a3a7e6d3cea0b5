"""Orders as they happen: features, promise, outcome, the customer's answer, and who comes back."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from overdeliver.simulate.kinds import Kind, Reaction, Spec
from overdeliver.simulate.laws import Law, law_of
from overdeliver.simulate.world import Floats, Ints, World, arrivals, next_visit
from overdeliver.vocabulary.gap import gap
from overdeliver.vocabulary.moments import SECONDS


@dataclass(frozen=True)
class Orders:
    """Columns of one length, by name: everything drawn about some orders."""

    columns: dict[str, np.ndarray]
    laws: dict[str, Law]

    def __len__(self) -> int:
        return len(self.columns["placed"])

    def take(self, rows: Ints) -> "Orders":
        """These rows, in this order."""
        laws = {
            lever: Law(*(getattr(law, name)[rows] for name in Law.__dataclass_fields__))
            for lever, law in self.laws.items()
        }
        return Orders({name: column[rows] for name, column in self.columns.items()}, laws)


def draw_orders(world: World, count: int, rng: np.random.Generator) -> Orders:
    """``count`` orders in the order they are placed, of customers who come back or do not."""
    new = max(8, int(count * (1.0 - world.kind.reaction.returns) * 1.2))
    drawn = _circle(world, new, rng)
    while len(drawn) < count:
        new = int(new * 1.1 * count / len(drawn)) + 8
        drawn = _circle(world, new, rng)
    return drawn.take(_whole_customers(drawn, count))


def _circle(world: World, new: int, rng: np.random.Generator) -> Orders:
    """All orders of ``new`` customers: first, second, third ... until nobody returns in time."""
    parts: list[Orders] = []
    customer, placed = np.arange(new), arrivals(world, new, rng)
    while len(placed):
        part = _serve(world, placed, rng)
        part.columns["customer"] = customer
        part.columns["visit"] = np.full(len(part), len(parts))
        parts.append(part)
        again = rng.random(len(part)) < return_probability(world.kind, part.columns["gap"])
        again &= part.columns["cancelled"] < 0
        later = next_visit(world, part.columns["completed"][again], rng)
        inside = later < world.seconds
        customer, placed = customer[again][inside], later[inside]
    return _joined(parts)


def _serve(world: World, placed: Ints, rng: np.random.Generator) -> Orders:
    """What happens to the orders placed at these moments."""
    kind, size = world.kind, len(placed)
    names = {n: rng.integers(0, len(f.names), size) for n, f in kind.factors.items()}
    measures = {
        n: m.median * np.exp(rng.normal(0.0, m.spread, size)) for n, m in kind.measures.items()
    }
    columns: dict[str, np.ndarray] = {"placed": placed, **names, **measures}
    laws: dict[str, Law] = {}
    for spec in kind.specs:
        if spec.lever == "service":
            columns["promised:service"], columns["actual:service"] = _classes(kind, size, rng)
            continue
        law = laws[spec.lever] = law_of(world, spec, placed, names, measures)
        columns[f"promised:{spec.lever}"] = owner_promise(world, spec, names)
        columns[f"raw:{spec.lever}"] = law.draw(rng)
        columns[f"actual:{spec.lever}"] = law.counted(columns[f"raw:{spec.lever}"])
    unit = SECONDS[next(spec.unit for spec in kind.specs if spec.lever == "time")]
    columns["completed"] = placed + (columns["raw:time"] * unit).astype(np.int64)
    main = kind.main
    columns["gap"] = gap(columns[f"promised:{main}"], columns[f"actual:{main}"], main)
    columns["cancelled"] = _cancelled(placed, columns["completed"], rng)
    columns["amount"] = np.round(kind.amount * np.exp(rng.normal(0.0, 0.6, size)), 2)
    columns["channel"] = rng.integers(0, len(kind.channels), size)
    columns["score"] = draw_scores(kind.reaction, columns["gap"], rng)
    return Orders(columns, laws)


def owner_promise(world: World, spec: Spec, names: dict[str, Ints]) -> Floats:
    """What the owner promises today: a table by what the owner knows, padded and rounded up."""
    kind = world.kind
    known = sum(world.effects[n][codes] for n, codes in names.items() if kind.factors[n].known)
    unknown = sum(f.spread**2 for f in kind.factors.values() if not f.known)
    pad = ndtri(spec.level) * np.sqrt(spec.spread**2 + unknown)
    promised = spec.base * np.exp(known + pad)
    return np.asarray(np.ceil(promised / spec.step) * spec.step, dtype=np.float64)


def _classes(kind: Kind, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Classes booked and delivered, as ranks from 1: 5 % get a better one, 3 % a worse one."""
    booked = 1.0 + rng.choice(len(kind.classes), size, p=[0.6, 0.3, 0.1]).astype(np.float64)
    moved = rng.choice([-1.0, 0.0, 1.0], size, p=[0.03, 0.92, 0.05])
    delivered: Floats = np.clip(booked + moved, 1.0, len(kind.classes))
    return booked, delivered


def _cancelled(placed: Ints, completed: Ints, rng: np.random.Generator) -> Ints:
    """When the order was cancelled, -1 for the 98.5 % that were not."""
    at = placed + (rng.random(len(placed)) * (completed - placed)).astype(np.int64)
    return np.where(rng.random(len(placed)) < 0.015, at, -1)


def mean_score(reaction: Reaction, gap: Floats) -> Floats:
    """The true mean score (1 to 5) at each gap: slopes, and a cliff beyond the grace."""
    late = np.maximum(-gap, 0.0) / reaction.grace
    early = np.minimum(np.maximum(gap, 0.0) / reaction.grace, reaction.early_cap)
    mean = reaction.mean + reaction.slope_early * early - reaction.slope_late * late
    return np.clip(mean - reaction.cliff * (late > 1.0), 1.0, 5.0)


def draw_scores(reaction: Reaction, gap: Floats, rng: np.random.Generator) -> Floats:
    """Whole scores 1 to 5 with exactly that mean, half of them extreme; NaN: no answer."""
    mean, size = mean_score(reaction, gap), len(gap)
    extreme = np.where(rng.random(size) < (mean - 1.0) / 4.0, 5.0, 1.0)
    near = np.floor(mean + rng.random(size))
    given = np.where(rng.random(size) < 0.5, extreme, np.minimum(near, 5.0))
    return np.where(rng.random(size) < reaction.answers, given, np.nan)


def return_probability(kind: Kind, gap: Floats) -> Floats:
    """The true probability of one more order after each gap."""
    usual = kind.reaction.returns
    return np.where(-gap > kind.reaction.grace, usual * (1 - kind.reaction.returns_lost), usual)


def _joined(parts: list[Orders]) -> Orders:
    names, levers = parts[0].columns, parts[0].laws
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in names}
    laws = {
        lever: Law(
            *(
                np.concatenate([getattr(part.laws[lever], name) for part in parts])
                for name in Law.__dataclass_fields__
            )
        )
        for lever in levers
    }
    return Orders(columns, laws)


def _whole_customers(drawn: Orders, count: int) -> Ints:
    """Rows of the first customers who together gave ``count`` orders, by the time of placing."""
    customer, placed = drawn.columns["customer"], drawn.columns["placed"]
    by_customer = np.lexsort((placed, customer))[:count]
    return by_customer[np.argsort(placed[by_customer], kind="stable")]
