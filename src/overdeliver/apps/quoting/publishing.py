"""Which model promises: publish one, go back to the one before, or to none."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.quoting import events, serving
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.apps.quoting.reads import model
from overdeliver.vocabulary.errors import Conflict, InputError

_TRIES = 3


def publish(service: str, version: int, *, decision: int | None = None) -> None:
    """Let a version promise from now on; the one before is kept and can be gone back to.

    Twice the same changes nothing. NotFound: no such version; Conflict: it was judged not to keep
    what it says; InputError: its bytes are not those that were learned.
    """
    found = model(service, version)
    if found.status == "published":
        return
    if found.status == "refused":
        raise Conflict(f"model {found.name}: it was tried and refused; learn again")
    _sound(service, version)
    for attempt in range(_TRIES):
        try:
            _swap(service, version, decision)
            break
        except IntegrityError:  # somebody published another one at the same moment
            if attempt == _TRIES - 1:
                raise Conflict(f"model {found.name}: somebody else publishes now") from None
    serving.forget()


def roll_back(service: str, version: int) -> int | None:
    """Go back from the published ``version`` to the one before; returns that, None: there is none.

    Without one before, the stated promise holds. Conflict: ``version`` is not published any more,
    as after a second click.
    """
    try:
        before = _back(service, version)
    except IntegrityError:
        raise Conflict(f"model {service} {version}: somebody else publishes now") from None
    serving.forget()
    return before


def _back(service: str, version: int) -> int | None:
    with transaction.atomic():
        rows = LearnedModel.objects.filter(service=service)
        withdrawn = rows.filter(version=version, status="published").update(status="withdrawn")
        if not withdrawn:
            raise Conflict(f"model {service} {version}: it is not published any more")
        earlier = rows.filter(status="retired").order_by("-published_at")
        before = earlier.values_list("version", flat=True).first()
        subject = f"model:{service}"
        if before is None:
            record(events.ModelWithdrawn(subject=subject, version=version))
            return None
        rows.filter(version=before).update(status="published", published_at=timezone.now())
        record(events.ModelPublished(subject=subject, version=before, before=version))
        return before


def _swap(service: str, version: int, decision: int | None) -> None:
    with transaction.atomic():
        rows = LearnedModel.objects.filter(service=service)
        before = rows.filter(status="published").values_list("version", flat=True).first()
        rows.filter(status="published").update(status="retired")
        changed = (
            rows.filter(version=version)
            .exclude(status__in=["published", "refused"])
            .update(status="published", published_at=timezone.now())
        )
        if changed:
            record(
                events.ModelPublished(subject=f"model:{service}", version=version, before=before),
                decision=decision,
            )


def _sound(service: str, version: int) -> None:
    try:
        serving.load(LearnedModel.objects.get(service=service, version=version))
    except InputError as error:
        raise InputError(f"{error}; learn again") from None
