"""The figures of reliability for programs."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Day, Short
from overdeliver.apps.promises.api_schemas import Lever
from overdeliver.apps.promises.kept import NARROWED, Asked, kept
from overdeliver.apps.promises.said_kept import Judgement, judgement_of
from overdeliver.measure.intervals import Rate
from overdeliver.measure.reliability import GroupReliability, LevelKept

router = Router()

By = Literal["service", "weekday", "month", "segment", "team", "channel", "supplier"]
Share = Annotated[float | None, Field(description="null: not enough outcomes yet")]


class KeptOut(Schema):
    """A share of promises kept with its interval of 95 %."""

    share: Share
    low: float | None
    high: float | None


class GroupOut(Schema):
    """Promises of one group, lever, unit and level: what was said against what was kept."""

    group: str | None = Field(description="null: not said; weekdays are 1 (Monday) to 7")
    lever: str
    unit: str
    said: float | None = Field(description="The level promised; null: none was said")
    kept: KeptOut
    outcomes: int
    needed: int = Field(description="Outcomes from which on it is judged")
    judgement: Judgement


class ReliabilityOut(Schema):
    """How the promises made in a period ended, and the share kept in each group."""

    as_of: str
    broken: int
    met: int
    exceeded: int
    open: int
    unknown: int
    kept: KeptOut
    groups: list[GroupOut]


@router.get("/reliability", response=ReliabilityOut)
@needs("figures.see")
def reliability(
    request: HttpRequest,
    by: By = "service",
    made_from: Day | None = None,
    made_to: Day | None = None,
    lever: Lever | None = None,
    unit: Short = "",
    service: Short = "",
    segment: Short = "",
    team: Short = "",
    channel: Short = "",
    supplier: Short = "",
) -> Any:
    """Were promises kept, and where not: original promises made between two days.

    Groups other than services are those of one lever and unit: the one asked for, else the one
    with most promises.
    """
    given = dict(zip(NARROWED, (service, segment, team, channel, supplier), strict=True))
    only = {name: value for name, value in given.items() if value}
    found = kept(Asked(made_from, made_to, by, lever or "", unit, only))
    counts = {name: getattr(found.all, name) for name in _VERDICTS}
    return ReliabilityOut(
        as_of=found.as_of.isoformat(),
        **counts,
        kept=_kept(found.all.kept),
        groups=[
            *(_group(one, by) for one in found.levels),
            *(_group(one, by) for one in found.groups),
        ],
    )


_VERDICTS = ("broken", "met", "exceeded", "open", "unknown")


def _group(one: LevelKept | GroupReliability, by: str) -> GroupOut:
    value = one.key[by]
    said = one.said if isinstance(one, LevelKept) else None
    return GroupOut(
        group=None if value is None else str(value),
        lever=str(one.key["lever"]),
        unit=str(one.key["unit"]),
        said=said,
        kept=_kept(one.kept),
        outcomes=one.n,
        needed=one.needed,
        judgement=judgement_of(one, said),
    )


def _kept(of: Rate | None) -> KeptOut:
    if of is None:
        return KeptOut(share=None, low=None, high=None)
    return KeptOut(share=of.rate, low=of.low, high=of.high)
