"""What is done about plans: made, switched, given other steps."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import events
from overdeliver.apps.care.contents import contents_of
from overdeliver.apps.care.models import Plan, PlanVersion
from overdeliver.apps.care.rules.steps import MOMENTS, Step, checked, step_of
from overdeliver.apps.care.starters import plans_for
from overdeliver.apps.journal.actions import actor, record
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


def make_starters() -> int:
    """Make the plans the kind of business begins with, off; returns how many were made."""
    here = business.business()
    if here is None:
        return 0
    made = 0
    with transaction.atomic():
        for moment, steps in plans_for(here.kind).items():
            plan, new = Plan.objects.get_or_create(slug=moment, defaults={"moment": moment})
            if new:
                _keep(plan, steps, 1)
                record(events.PlanChanged(subject=f"plan:{moment}", change="made", version=1))
                made += 1
    return made


def make_plan(moment: str, name: str, steps: Sequence[Step]) -> str:
    """A plan of one's own, off; returns its short name. InputError: no such moment, bad steps."""
    if moment not in MOMENTS:
        raise InputError(f"moment: use one of {', '.join(MOMENTS)}")
    right = _right(steps)
    with transaction.atomic():
        number = Plan.objects.count() + 1
        while Plan.objects.filter(slug=f"{moment}-{number}").exists():
            number += 1
        plan = Plan.objects.create(
            slug=f"{moment}-{number}", moment=moment, name=name.strip()[:100]
        )
        _keep(plan, right, 1)
        record(events.PlanChanged(subject=f"plan:{plan.slug}", change="made", version=1))
    return plan.slug


def switch(slug: str, on: bool) -> None:
    """Switch a plan on or off; switched as it is already: nothing. NotFound: no such plan."""
    with transaction.atomic():
        plan = _plan(slug)
        if Plan.objects.filter(pk=plan.pk).exclude(active=on).update(active=on):
            change = "on" if on else "off"
            record(events.PlanChanged(subject=f"plan:{slug}", change=change, version=plan.version))


def set_steps(slug: str, steps: Sequence[Step], *, expected: int, change: str = "steps") -> int:
    """Give a plan other steps; returns its version. What is under way keeps its own steps.

    NotFound: no such plan. InputError: bad steps. Conflict: ``expected`` is an old version.
    """
    right = _right(steps)
    with transaction.atomic():
        plan = _plan(slug)
        if steps_of(slug) == right:
            return plan.version
        moved = Plan.objects.filter(pk=plan.pk, version=expected).update(version=expected + 1)
        if not moved:
            raise Conflict(f"plan {slug}: somebody has changed it in the meantime")
        _keep(plan, right, expected + 1)
        record(events.PlanChanged(subject=f"plan:{slug}", change=change, version=expected + 1))
    return expected + 1


def bring_back(slug: str, version: int, *, expected: int) -> int:
    """An earlier version's steps hold again, as a new version. NotFound: no such version."""
    return set_steps(slug, steps_of(slug, version), expected=expected, change="back")


def steps_of(slug: str, version: int | None = None) -> tuple[Step, ...]:
    """The steps of a plan, in force or of a version. NotFound: no such plan or version."""
    plan = _plan(slug)
    row = PlanVersion.objects.filter(plan=plan, version=version or plan.version).first()
    if row is None:
        raise NotFound(f"plan {slug}: there is no version {version}")
    return tuple(step_of(one) for one in row.steps)


def _right(steps: Sequence[Step]) -> tuple[Step, ...]:
    for step in steps:
        if step.content not in contents_of(step.channel):
            raise InputError(f"content: {step.content!r} is no text for {step.channel}")
    return checked(steps)


def _keep(plan: Plan, steps: Sequence[Step], version: int) -> None:
    PlanVersion.objects.create(
        plan=plan,
        version=version,
        steps=[step.data() for step in steps],
        made_at=timezone.now(),
        made_by=actor(),
    )


def _plan(slug: str) -> Plan:
    plan = Plan.objects.filter(slug=slug).first()
    if plan is None:
        raise NotFound(f"plan {slug!r}: there is none of that name")
    return plan
