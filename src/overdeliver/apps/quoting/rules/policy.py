"""How this business promises: one versioned policy for all services, with exceptions by service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from overdeliver.apps.business.rules import Policy, check_share
from overdeliver.vocabulary.errors import InputError

#: What the margin solver is told, with the values it starts from.
PRICES: Mapping[str, float] = {
    "unit_margin": 0.0,  # money earned on an order that is kept; 0: not said
    "late_cost": 0.0,  # lost per order and unit late
    "late_penalty": 0.0,  # lost once on an order more than `grace` late
    "grace": 0.0,  # units forgiven
    "elasticity": 0.0,  # share of orders lost per unit promised longer; 0: what research says
    "early_cost": 0.0,  # lost per unit promised too long, where lost orders are not known
}


@dataclass(frozen=True, kw_only=True)
class PromisingPolicy(Policy):
    """Levels, when to stay silent, how to say it, when to publish, when to raise an alarm."""

    kind: ClassVar[str] = "promising"

    level: float = 0.9  # the share of promises meant to be kept
    levels: Mapping[str, float] = field(default_factory=dict)  # by service, where it differs
    least_outcomes: int = 0  # fewer outcomes: the stated promise; 0: the least the level needs
    widest: float = 5.0  # hidden when the promise is so many times the middle outcome; 0: never
    rounded: bool = True  # up to what people say: 45 minutes, 120 EUR
    within_hours: bool = True  # a promise of minutes or hours never ends while closed
    open_days: bool = False  # a promised day is a day of opening
    valid_hours: float = 24.0  # a quote can be accepted for so long
    automatic: bool = True  # what is good enough is published without asking
    judged_least: int = 20  # promises tried on unseen outcomes before a model goes out by itself
    slack: float = 0.02  # kept rates so much below the level are still as promised
    spare: float = 0.06  # ... and so much above it
    worse: float = 1.05  # pinball loss up to this multiple of the published model's
    false_alarms: float = 0.01  # the chance of ever an alarm while the level holds
    watch_days: float = 90.0  # promises this young are watched
    public: tuple[str, ...] = ()  # services whose quote anybody may ask for
    origins: tuple[str, ...] = ()  # web sites that may show them, as https://shop.example
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by service

    def __post_init__(self) -> None:
        for name, value in (("level", self.level), *self.levels.items()):
            check_share(name, value)
        if not 0 < self.valid_hours <= 24 * 90:
            raise InputError(f"valid_hours: {self.valid_hours:g} must lie between 0 and 2160")
        if self.widest and self.widest <= 1:
            raise InputError(f"widest: {self.widest:g} must be above 1, or 0 for never")
        for name in ("least_outcomes", "judged_least"):
            if getattr(self, name) < 0:
                raise InputError(f"{name}: a number not below 0 is needed")
        check_share("false_alarms", self.false_alarms)
        for service, own in self.prices.items():
            if not isinstance(own, Mapping) or any(isinstance(n, Mapping) for n in own.values()):
                raise InputError(f"prices: write it as {service}.unit_margin = 12")

    def level_of(self, service: str) -> float:
        """The level of a service: its own, else everybody's."""
        return float(self.levels.get(service, self.level))

    def prices_of(self, service: str) -> dict[str, float]:
        """The solver's prices of a service.

        >>> shop = PromisingPolicy(prices={"parcel": {"unit_margin": 12}})
        >>> shop.prices_of("parcel")["unit_margin"]
        12.0
        """
        own: Mapping[str, Any] = self.prices.get(service, {})
        return {name: float(own.get(name, value)) for name, value in PRICES.items()}
