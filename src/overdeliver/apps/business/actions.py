"""What is done about the business: set it up, change it, set a policy."""

from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from overdeliver.apps.business import events, models, reads
from overdeliver.apps.business.checks import checked_profile
from overdeliver.apps.business.contacts import keep_touchpoint
from overdeliver.apps.business.offering import keep_service
from overdeliver.apps.business.opening import set_week
from overdeliver.apps.business.rules import Policy
from overdeliver.apps.business.starters import starter
from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.journal.events import plain
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

#: How many made-up orders a business begins with.
DEMO_ORDERS = 3000
#: How long one worker has for filling them in; after that it is taken for killed.
DEMO_LEASE = timedelta(minutes=10)
__all__ = [
    "DEMO_ORDERS",
    "PROFILE",
    "ask_for_demo",
    "begin",
    "change_business",
    "demo_done",
    "give_back_demo",
    "keep_service",
    "keep_touchpoint",
    "set_policy",
    "set_week",
    "take_demo",
]

PROFILE = ("name", "country", "zone", "currency", "language")


def begin(
    kind: str,
    language: str,
    name: str,
    country: str,
    zone: str,
    currency: str,
    *,
    demo: bool = False,
) -> None:
    """Set the business up with the starter of its kind: services, touchpoints, opening hours.

    The texts are in ``language``; a cost is promised in ``currency``. With ``demo`` only the
    services that simulated data fill are made. InputError: a field is wrong; Conflict: there is a
    business already.
    """
    given = starter(kind)
    profile = checked_profile(
        {"name": name, "country": country, "zone": zone, "currency": currency, "language": language}
    )
    try:
        with transaction.atomic():
            models.Business.objects.create(kind=kind, demo=demo, **asdict(profile))
            reads.changed()
            record(events.BusinessSetUp(subject="business:profile", kind=kind, demo=demo))
            for service in given.services:
                if service.simulated or not demo:
                    keep_service(**service.fields(language, profile.currency))
            for contact in given.touchpoints:
                keep_touchpoint(**contact.fields(language))
            set_week(given.week)
    except IntegrityError:
        raise Conflict("business: it has been set up already; change it under Settings") from None


def change_business(**given: str) -> None:
    """Change name, country, zone, currency or language.

    InputError: a field is wrong or none of these; NotFound: there is no business yet.
    """
    if unknown := set(given) - set(PROFILE):
        raise InputError(f"business: {sorted(unknown)[0]!r} is no field")
    with transaction.atomic():
        row = models.Business.objects.first()
        if row is None:
            raise NotFound("business: it has not been set up yet")
        before = {name: getattr(row, name) for name in PROFILE}
        after = asdict(checked_profile({**before, **given}))
        changed = tuple(name for name in PROFILE if before[name] != after[name])
        if not changed:
            return
        models.Business.objects.filter(pk=row.pk).update(**{n: after[n] for n in changed})
        reads.changed()
        record(events.BusinessChanged(subject="business:profile", fields=changed))


def ask_for_demo(orders: int = DEMO_ORDERS) -> None:
    """Ask for made-up data; whoever listens to ``business.demo_asked`` fills it in, once.

    NotFound: there is no business yet; Conflict: it was asked for before.
    """
    with transaction.atomic():
        row = models.Business.objects.first()
        if row is None:
            raise NotFound("business: it has not been set up yet")
        if not models.Business.objects.filter(pk=row.pk, made_up="").update(
            made_up="asked", demo=True
        ):
            raise Conflict("business: made-up data have been asked for already")
        reads.changed()
        record(events.DemoAsked(subject="business:profile", kind=row.kind, orders=orders))


def take_demo() -> bool:
    """Take up the filling in that was asked for; True for the one caller who has it now.

    What a killed worker left half filled in can be taken up again when its lease has run out.
    """
    now = timezone.now()
    free = Q(made_up="asked") | Q(made_up="filling", made_up_until__lt=now)
    rows = models.Business.objects.filter(free)
    return bool(rows.update(made_up="filling", made_up_until=now + DEMO_LEASE))


def give_back_demo() -> None:
    """Filling in failed: it is asked for again."""
    models.Business.objects.filter(made_up="filling").update(made_up="asked")
    reads.changed()


def demo_done() -> None:
    """The made-up data are there: for whoever filled them in."""
    models.Business.objects.update(made_up="done")
    reads.changed()


def set_policy(policy: Policy, *, by: str = "", note: str = "", expected: int | None = None) -> int:
    """Put a policy in force; returns its version: the highest so far and one more.

    The defaults count as version 1. Unchanged data make no version: the one in force is returned.
    ``by`` is an actor (``staff:7``), whoever acts now by default. Conflict: somebody set the same
    policy at the same moment, or ``expected`` is no longer the version in force.
    """
    kind, data = policy.kind, plain(policy.data())
    if not kind:
        raise InputError(f"policy {type(policy).__name__}: it has no kind")
    try:
        with transaction.atomic():
            version, stored = _in_force(kind)
            if expected is not None and expected != version:
                raise Conflict(f"policy {kind}: version {version} has been set in the meantime")
            if data == (plain(type(policy)().data()) if stored is None else stored):
                return version
            models.Policy.objects.create(
                kind=kind, version=version + 1, data=data, by=by or actor(), note=note[:300]
            )
            record(events.PolicySet(subject=f"policy:{kind}", version=version + 1))
    except IntegrityError:
        raise Conflict(f"policy {kind}: somebody else has set it at the same moment") from None
    return version + 1


def _in_force(kind: str) -> tuple[int, dict[str, object] | None]:
    highest = models.Policy.objects.filter(kind=kind).aggregate(top=Max("version"))["top"]
    if highest is None:
        return 1, None
    return highest, models.Policy.objects.get(kind=kind, version=highest).data
