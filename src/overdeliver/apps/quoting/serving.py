"""What one quote needs, kept in the memory of the process and looked after every two seconds.

A new version, another policy or other opening hours are seen at the latest after that time by every
process; where they were changed at once.
"""

import atexit
import gc
import hashlib
import logging
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.promise import RANGE, Foreseen
from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.vocabulary.errors import InputError, NotFound
from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import zone_named

if TYPE_CHECKING:
    from overdeliver.learn.promise_file import Promise

_LOG = logging.getLogger(__name__)
_FRESH = 2.0  # seconds


@dataclass(frozen=True)
class Learned:
    """A published model, loaded and vouched for."""

    version: int
    sha256: str
    promise: "Promise"
    schema: Mapping[str, str]


@dataclass(frozen=True)
class Serving:
    """A service ready to be quoted."""

    service: ServiceCard
    policy: PromisingPolicy
    hours: BusinessHours | None
    zone: str
    language: str
    learned: Learned | None
    at: float


_SERVINGS: dict[str, Serving] = {}
_LOADING = threading.Lock()


def serving(slug: str) -> Serving:
    """The service with its model and policy. NotFound: no such service, or it is not active."""
    known = _SERVINGS.get(slug)
    now = time.monotonic()
    if known is not None and now - known.at <= _FRESH:
        return known
    # Whoever comes first looks; the others go on with what they know, if they know anything.
    if not _LOADING.acquire(blocking=known is None):
        assert known is not None
        return known
    try:
        known = _SERVINGS.get(slug)
        if known is None or now - known.at > _FRESH:
            known = _SERVINGS[slug] = _look(slug, known)
        return known
    finally:
        _LOADING.release()


def forget() -> None:
    """Look everything up again at the next quote."""
    _SERVINGS.clear()


def load(row: LearnedModel) -> "Promise":
    """The estimator of a stored model. InputError: its bytes are not those that were learned."""
    from overdeliver.learn.promise_file import load_promise  # a second of CPU at the first model

    content = bytes(row.artefact)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise InputError(f"model {row.service} {row.version}: the artefact was changed or damaged")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "promise.od"
        file.write_bytes(content)
        return load_promise(file)


def foresee(of: Serving, features: Mapping[str, Any], level: float, made_at: datetime) -> Foreseen:
    """What the model says of one case; the service must have one.

    InputError: a feature the model knows as a number is none.
    """
    learned = of.learned
    assert learned is not None
    wall = wall_seconds(made_at, of.zone)
    asked = sorted({RANGE[0], 0.5, RANGE[1], level})
    given = typed(features, learned.schema)
    found = dict(zip(asked, learned.promise.quote(given, asked, made_at=wall), strict=True))
    needed = minimum_outcomes(round(level, 4))
    outcomes = int(learned.promise.n_outcomes_)
    if not learned.promise.supports(level):
        outcomes = min(outcomes, needed - 1)  # old outcomes weigh less: fewer count than were seen
    return Foreseen(
        model=f"{of.service.slug} {learned.version}",
        outcomes=outcomes,
        needed=needed,
        promise=float(found[level]),
        middle=float(found[0.5]),
        low=float(found[RANGE[0]]),
        high=float(found[RANGE[1]]),
    )


def typed(features: Mapping[str, Any], schema: Mapping[str, str]) -> dict[str, Any]:
    """The features the model knows, each as it knows it; others are left aside.

    >>> typed({"kg": "1.5", "seller": 7, "hue": "red"}, {"kg": "number", "seller": "text"})
    {'kg': 1.5, 'seller': '7'}
    """
    given: dict[str, Any] = {}
    for name, kind in schema.items():
        value = features.get(name)
        if value is None or value == "":
            continue
        given[name] = _number(name, value) if kind == "number" else str(value)
    return given


def _number(name: str, value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("nan")
    if not abs(found) < 1e15:
        raise InputError(f"features.{name}: {str(value)[:40]!r} is no number")
    return found


def wall_seconds(moment: datetime, zone: str) -> float:
    """Seconds since 1970 by the wall clock of a zone, as the learner counts them."""
    wall = moment.astimezone(zone_named(zone)).replace(tzinfo=None)
    return (wall - datetime(1970, 1, 1)).total_seconds()


def _look(slug: str, known: Serving | None) -> Serving:
    service = business.service(slug)
    if not service.active:
        raise NotFound(f"service {slug!r}: it is not offered any more")
    here = business.business()
    return Serving(
        service=service,
        policy=business.policy(PromisingPolicy),
        hours=business.hours(),
        zone=here.zone if here else "UTC",
        language=here.language if here else "en",
        learned=_learned(slug, known.learned if known else None),
        at=time.monotonic(),
    )


def _learned(slug: str, known: Learned | None) -> Learned | None:
    """The published model, loaded only where it is another one than is known."""
    published = LearnedModel.objects.filter(service=slug, status="published")
    head = published.values_list("version", "sha256").first()
    if head is None:
        return None
    if known is not None and (known.version, known.sha256) == head:
        return known
    row = published.first()
    if row is None:
        return None
    try:
        found = Learned(row.version, row.sha256, load(row), row.metrics.get("schema", {}))
    except InputError as error:
        # Better the stated promise than one from bytes nobody vouches for.
        _LOG.error("model %s %s is refused: %s", row.service, row.version, error)
        return None
    _settle()
    return found


def _settle() -> None:
    """Take what lives as long as the process out of the collector's rounds.

    A full round over all that is loaded stops every thread for a tenth of a second, now and then,
    in the middle of quotes.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


atexit.register(gc.unfreeze)  # extensions look for what was not freed when the process ends
