"""What to promise next, service by service: the sentence and the figures behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.look.numbers import length, numbers_in
from overdeliver.apps.look.words import has_word, language, word
from overdeliver.apps.quoting import reads
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.measure.minimum import minimum_outcomes


@dataclass(frozen=True)
class Outlook:
    """One service: what is promised now, what could be, and how far learning is."""

    service: ServiceCard
    level: float
    published: reads.ModelCard | None
    newest: reads.ModelCard | None
    have: int | None  # outcomes known at the last run; None: nothing was learned yet
    need: int
    alarm: reads.AlarmCard | None
    watch: Mapping[str, Any]
    said: str  # shorter, surer, as_good, judged, learned, few, first, learning, booked
    own: Mapping[str, Any] | None  # kept and promised_mean of one's own promises
    at: Mapping[str, Any] | None  # the level's line of the trial
    shorter: float | None  # the mean promise at the same kept rate
    gain: float  # share by which promises could be shorter

    @property
    def n(self) -> int:
        """Promises the newest model was tried on."""
        return int(self.newest.metrics.get("n", 0)) if self.newest else 0

    @property
    def own_length(self) -> str:
        """The mean of one's own promises, as it is said."""
        return self._length(self.own["promised_mean"] if self.own else None)

    @property
    def own_kept(self) -> str:
        """How many of 100 of one's own are kept."""
        return per_hundred(self.own["kept"]) if self.own else ""

    @property
    def could(self) -> str:
        """The mean promise that would be kept as often."""
        return self._length(self.shorter)

    @property
    def at_length(self) -> str:
        """The mean promise at the level."""
        return self._length(self.at["promised_mean"] if self.at else None)

    @property
    def at_kept(self) -> str:
        """How many of 100 would be kept at the level."""
        return per_hundred(self.at["kept"]) if self.at else ""

    @property
    def stated(self) -> str:
        """The stated promise."""
        return self._length(self.service.fallback)

    @property
    def unit_one(self) -> str:
        """One unit, as prices are said: a day, EUR."""
        key = f"quoting.unit_one.{self.service.unit}"
        return str(word(key)) if has_word(key) else self.service.unit

    @property
    def percent(self) -> str:
        """The level in per cent, as a field holds it."""
        return f"{self.level * 100:g}"

    def _length(self, value: float | None) -> str:
        return str(length(value, self.service.unit))


def outlooks() -> list[Outlook]:
    """Every active service in its order."""
    policy = business.policy(PromisingPolicy)
    alarms = {alarm.service: alarm for alarm in reads.alarms()}
    watched = reads.watched()
    line = _lines()
    return [
        _outlook(service, policy, alarms.get(service.slug), watched, line)
        for service in business.services()
    ]


def outlook(slug: str) -> Outlook:
    """One service. NotFound: none of that name."""
    service = business.service(slug)
    alarms = {alarm.service: alarm for alarm in reads.alarms()}
    policy = business.policy(PromisingPolicy)
    return _outlook(service, policy, alarms.get(slug), reads.watched(), _lines())


def _lines() -> dict[str, Mapping[str, Any]]:
    """What the latest runs said of each service."""
    found: dict[str, Mapping[str, Any]] = {}
    for run in reads.runs(10):
        for one in run.report:
            found.setdefault(str(one.get("service", "")), one)
    return found


def _outlook(
    service: ServiceCard,
    policy: PromisingPolicy,
    alarm: reads.AlarmCard | None,
    watched: Mapping[str, Mapping[str, Any]],
    lines: Mapping[str, Mapping[str, Any]],
) -> Outlook:
    level = policy.level_of(service.slug)
    newest, published = reads.newest(service.slug), reads.published(service.slug)
    metrics: Mapping[str, Any] = newest.metrics if newest else {}
    own, shorter = metrics.get("own"), None
    same = metrics.get("at_same_kept")
    gain = 0.0
    if own and same and own["promised_mean"]:
        shorter = same["promised_mean"]
        gain = 1 - shorter / own["promised_mean"]
    have = lines.get(service.slug, {}).get("have")
    if have is None and newest:
        have = metrics.get("outcomes")
    said = _said(service, newest, have, own, gain, level)
    if said == "first" and _goes_on(service):
        said = "learning"
    return Outlook(
        service=service,
        level=level,
        published=published,
        newest=newest,
        have=have,
        need=max(minimum_outcomes(level), policy.least_outcomes),
        alarm=alarm,
        watch=watched.get(service.slug, {}),
        said=said,
        own=own,
        at=newest.at_level(level) if newest else None,
        shorter=shorter,
        gain=gain,
    )


def _said(
    service: ServiceCard,
    newest: reads.ModelCard | None,
    have: int | None,
    own: Mapping[str, Any] | None,
    gain: float,
    level: float,
) -> str:
    if service.lever == "service":
        return "booked"
    if newest is None:
        return "first" if have is None else "few"
    if own is None:
        return "judged" if newest.at_level(level) else "learned"
    if gain > 0.02:
        return "shorter"
    return "surer" if own["kept"] < level - 0.02 else "as_good"


def _goes_on(service: ServiceCard) -> bool:
    """Whether the service is being learned now, or about to be."""
    return any(run.going and run.service in ("", service.slug) for run in reads.runs(10))


def per_hundred(share: float) -> str:
    """How many of 100, without rounding a broken promise away."""
    return numbers_in(language()).per_hundred(share)


def worth_a_look(found: Sequence[Outlook]) -> Outlook | None:
    """The service the page's sentence speaks of: an alarm first, then the largest gain."""
    alarmed = next((one for one in found if one.alarm), None)
    told = [one for one in found if one.said in ("shorter", "surer", "as_good", "judged")]
    return alarmed or max(told, key=lambda one: (one.said == "surer", one.gain), default=None)
