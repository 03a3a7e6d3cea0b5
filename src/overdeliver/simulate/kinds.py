"""The businesses that can be simulated, as data: what they promise, what moves it, who comes back.

Every number here is invented; what matters is that each is known, so that a method can be held
against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from overdeliver.vocabulary.gap import Lever


@dataclass(frozen=True)
class Factor:
    """A column of names (sellers, lanes, technicians), each with an effect on the log outcome."""

    names: tuple[str, ...]
    spread: float  # standard deviation of the effects between names
    drift: float = 0.0  # standard deviation of the change of an effect over the whole span
    known: bool = False  # does the owner's own promise take it into account?


@dataclass(frozen=True)
class Measure:
    """A numeric column, log-normal, with an elasticity of the outcome to it."""

    median: float
    spread: float
    elasticity: float


@dataclass(frozen=True)
class Spec:
    """One promise per order, with the law ``base * exp(effects + spread * noise)``."""

    lever: Lever
    unit: str
    base: float
    spread: float
    step: float  # what the owner rounds promises up to
    level: float = 0.9  # what the owner believes to promise at
    tail: float = 0.1  # how much heavier than log-normal the slow side is
    calendar: bool = False  # whole calendar days


@dataclass(frozen=True)
class Reaction:
    """How customers answer a gap, in units of the promise that counts (positive: early)."""

    grace: float  # the cliff lies this many units on the wrong side
    mean: float = 4.4  # the mean score of a promise kept to the point
    cliff: float = 1.4  # what falls off beyond the grace
    slope_late: float = 0.06  # per unit of grace later
    slope_early: float = 0.02  # per unit of grace earlier ...
    early_cap: float = 5.0  # ... up to this many of them
    answers: float = 0.4  # share of customers who give a score
    returns: float = 0.3  # probability of one more order after a promise kept
    returns_lost: float = 0.5  # share of those returns lost beyond the grace


@dataclass(frozen=True)
class Kind:
    """A kind of business; ``specs`` holds exactly one promise of time."""

    specs: tuple[Spec, ...]
    factors: Mapping[str, Factor]
    measures: Mapping[str, Measure]
    reaction: Reaction
    amount: float  # median, in the currency
    currency: str
    week: tuple[float, ...]  # weight of Monday ... Sunday
    hours: tuple[int, int]  # opening hours
    season: float = 0.15  # amplitude of the year in the log outcome
    drift: float = -0.1  # change of the log outcome over the whole span
    days: int = 730  # the span
    again: float = 60.0  # mean days until the next order
    channels: tuple[str, ...] = ("web", "phone")
    main: Lever = "time"
    classes: tuple[str, ...] = field(default=())

    @property
    def spec(self) -> Spec:
        """The promise customers react to."""
        return next(spec for spec in self.specs if spec.lever == self.main)


def _named(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:0{len(str(count))}d}" for number in range(1, count + 1))


_SHOP_WEEK = (1.2, 1.2, 1.1, 1.1, 1.0, 0.8, 0.9)
_OFFICE_WEEK = (1.2, 1.1, 1.0, 1.0, 0.9, 0.0, 0.0)
_EVENING_WEEK = (0.7, 0.7, 0.8, 0.9, 1.5, 1.6, 1.2)

KINDS: Mapping[str, Kind] = {
    "webshop": Kind(
        specs=(Spec("time", "days", 8.0, 0.35, 1.0, level=0.97, calendar=True),),
        factors={
            "state": Factor(_named("state-", 27), 0.30, known=True),
            "seller": Factor(_named("seller-", 200), 0.25, 0.20),
            "category": Factor(("books", "garden", "home", "shoes", "toys"), 0.08),
        },
        measures={"weight_kg": Measure(1.2, 0.9, 0.05)},
        reaction=Reaction(grace=1.0),
        amount=105.0,
        currency="EUR",
        week=_SHOP_WEEK,
        hours=(0, 24),
        channels=("web", "app"),
    ),
    "dentist": Kind(
        specs=(Spec("time", "minutes", 18.0, 0.50, 5.0, level=0.7),),
        factors={
            "dentist": Factor(("Dr Abel", "Dr Dumitru", "Dr Kim", "Dr Sousa"), 0.25, 0.1),
            "treatment": Factor(("check", "crown", "filling", "hygiene", "root"), 0.20, known=True),
        },
        measures={"patients_before": Measure(4.0, 0.5, 0.25)},
        reaction=Reaction(grace=10.0, cliff=1.0, returns=0.6),
        amount=90.0,
        currency="EUR",
        week=_OFFICE_WEEK,
        hours=(8, 18),
        again=120.0,
        channels=("phone", "web", "walk-in"),
    ),
    "carservice": Kind(
        specs=(
            Spec("time", "hours", 20.0, 0.55, 2.0, level=0.8),
            Spec("cost", "EUR", 320.0, 0.30, 10.0, level=0.75),
        ),
        factors={
            "technician": Factor(_named("technician-", 6), 0.15, 0.1),
            "repair": Factor(
                ("battery", "brakes", "clutch", "exhaust", "gearbox", "service"), 0.45, known=True
            ),
            "make": Factor(_named("make-", 12), 0.12),
        },
        measures={"car_age": Measure(8.0, 0.5, 0.15)},
        reaction=Reaction(grace=30.0, cliff=1.2, returns=0.45),
        amount=320.0,
        currency="EUR",
        week=_OFFICE_WEEK,
        hours=(8, 17),
        again=150.0,
        channels=("phone", "walk-in", "web"),
        main="cost",
    ),
    "pizza": Kind(
        specs=(Spec("time", "minutes", 31.0, 0.25, 5.0, level=0.85),),
        factors={
            "district": Factor(_named("district-", 12), 0.18, known=True),
            "courier": Factor(_named("courier-", 15), 0.12, 0.1),
        },
        measures={"items": Measure(3.0, 0.5, 0.10)},
        reaction=Reaction(grace=5.0, cliff=1.1, returns=0.7, returns_lost=0.4),
        amount=27.0,
        currency="RON",
        week=_EVENING_WEEK,
        hours=(11, 23),
        again=20.0,
        channels=("app", "phone", "web"),
    ),
    "taxi": Kind(
        specs=(
            Spec("time", "minutes", 7.0, 0.45, 1.0, level=0.7),
            Spec("service", "class", 1.0, 0.0, 1.0),
        ),
        factors={
            "zone": Factor(_named("zone-", 20), 0.30, known=True),
            "driver": Factor(_named("driver-", 120), 0.12, 0.1),
        },
        measures={"distance_km": Measure(4.0, 0.6, 0.20)},
        reaction=Reaction(grace=5.0, cliff=0.9, returns=0.75, returns_lost=0.2),
        amount=2400.0,
        currency="KZT",
        week=_EVENING_WEEK,
        hours=(0, 24),
        again=12.0,
        channels=("app", "phone"),
        classes=("economy", "comfort", "business"),
    ),
    "salon": Kind(
        specs=(Spec("time", "minutes", 55.0, 0.22, 15.0, level=0.8),),
        factors={
            "stylist": Factor(_named("stylist-", 5), 0.18, 0.1),
            "service": Factor(("beard", "colour", "cut", "nails", "perm"), 0.40, known=True),
        },
        measures={"hair_cm": Measure(20.0, 0.6, 0.10)},
        reaction=Reaction(grace=10.0, cliff=0.8, returns=0.65),
        amount=160.0,
        currency="BRL",
        week=(0.0, 0.8, 0.9, 1.0, 1.4, 1.6, 0.3),
        hours=(9, 20),
        again=45.0,
        channels=("web", "phone", "walk-in"),
    ),
    "b2b": Kind(
        specs=(Spec("time", "days", 24.0, 0.40, 1.0, level=0.85, calendar=True),),
        factors={
            "product_line": Factor(_named("line-", 15), 0.35, 0.25, known=True),
            "plant": Factor(("Braga", "Cluj", "Oral", "Tver"), 0.20, 0.15),
            "carrier": Factor(("air", "rail", "road", "sea"), 0.25),
        },
        measures={"quantity": Measure(400.0, 1.0, 0.12)},
        reaction=Reaction(grace=2.0, cliff=1.0, answers=0.25, returns=0.8, returns_lost=0.15),
        amount=8200.0,
        currency="EUR",
        week=_OFFICE_WEEK,
        hours=(7, 18),
        again=35.0,
        channels=("edi", "mail", "portal"),
    ),
}
