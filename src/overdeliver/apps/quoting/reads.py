"""What other chapters and pages may know of quotes, models, runs and alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from overdeliver.apps.quoting.models import DriftAlarm, LearnedModel, LearningRun, Quote, Watch
from overdeliver.vocabulary.errors import NotFound


@dataclass(frozen=True)
class QuoteCard:
    """A quote as it was given; numbers in the unit."""

    reference: str
    service: str
    lever: str
    unit: str
    whole: bool
    level: float | None
    promised: float | None
    low: float | None
    high: float | None
    due_at: datetime | None
    words: str
    language: str
    shown: bool
    because: Sequence[str]
    reasons: Sequence[Sequence[Any]]
    model: str
    made_at: datetime
    expires_at: datetime
    features: Mapping[str, Any]
    accepted_at: datetime | None = None
    order: str = ""
    promise: str = ""
    decision: int | None = None


@dataclass(frozen=True)
class ModelCard:
    """One learned version, without its artefact."""

    service: str
    version: int
    status: str
    metrics: Mapping[str, Any]
    reasons: Sequence[Sequence[Any]]
    decision: int | None
    learned_at: datetime
    published_at: datetime | None

    @property
    def name(self) -> str:
        """Service and version, as quotes carry it."""
        return f"{self.service} {self.version}"

    def at_level(self, level: float) -> Mapping[str, Any] | None:
        """What the honest trial found at a level, or None."""
        levels: Sequence[Mapping[str, Any]] = self.metrics.get("levels", ())
        return next((one for one in levels if abs(one["level"] - level) < 1e-9), None)


@dataclass(frozen=True)
class RunCard:
    """One run of learning."""

    id: int
    state: str
    service: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    step: str
    done: int
    total: int
    attempts: int
    report: Sequence[Mapping[str, Any]]
    error: str

    @property
    def going(self) -> bool:
        """Whether something is still to come."""
        return self.state in ("waiting", "running")


@dataclass(frozen=True)
class AlarmCard:
    """Fewer promises of a service are kept than was said."""

    service: str
    raised_at: datetime
    covered: float
    low: float
    high: float
    level: float
    n: int
    decision: int | None
    cleared_at: datetime | None

    @property
    def subject(self) -> str:
        """What "why?" is asked about."""
        return f"drift:{self.service}"


def quote(reference: str) -> QuoteCard:
    """One quote. NotFound: none of that reference."""
    row = Quote.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"quote {reference!r}: there is none of that reference")
    return quote_card(row)


def published(service: str) -> ModelCard | None:
    """The model that promises for a service now."""
    row = _models().filter(service=service, status="published").first()
    return _model_card(row) if row else None


def newest(service: str) -> ModelCard | None:
    """The model learned last, published or not."""
    row = _models().filter(service=service).order_by("-version").first()
    return _model_card(row) if row else None


def models_of(service: str, limit: int = 10) -> list[ModelCard]:
    """The latest models of a service, newest first."""
    rows = _models().filter(service=service).order_by("-version")[:limit]
    return [_model_card(row) for row in rows]


def model(service: str, version: int) -> ModelCard:
    """One version. NotFound: there is none."""
    row = _models().filter(service=service, version=version).first()
    if row is None:
        raise NotFound(f"model {service} {version}: there is none of that version")
    return _model_card(row)


def runs(limit: int = 5) -> list[RunCard]:
    """The latest runs of learning, newest first."""
    return [_run_card(row) for row in LearningRun.objects.order_by("-id")[:limit]]


def levers() -> Mapping[str, Any] | None:
    """What the last whole run found out about levers; None: none was done yet."""
    done = LearningRun.objects.filter(state="done", service="").order_by("-id").first()
    if done is None:
        return None
    return next((one for one in done.report if one.get("state") == "levers"), None)


def alarms(*, cleared: bool = False) -> list[AlarmCard]:
    """Drift alarms that stand, newest first; with ``cleared`` those of the past too."""
    rows = DriftAlarm.objects.order_by("-raised_at")
    rows = rows if cleared else rows.filter(cleared_at__isnull=True)
    return [_alarm_card(row) for row in rows[:50]]


def watched() -> dict[str, Mapping[str, Any]]:
    """The latest look at each service's recent promises, by service."""
    return {row.service: {**row.seen, "looked_at": row.looked_at} for row in Watch.objects.all()}


def quote_card(row: Quote) -> QuoteCard:
    """A stored quote as other rooms read it."""
    return QuoteCard(
        reference=row.reference,
        service=row.service,
        lever=row.lever,
        unit=row.unit,
        whole=row.whole,
        level=row.level,
        promised=row.promised,
        low=row.low,
        high=row.high,
        due_at=row.due_at,
        words=row.words,
        language=row.language,
        shown=row.shown,
        because=row.because,
        reasons=row.reasons,
        model=row.model,
        made_at=row.made_at,
        expires_at=row.expires_at,
        features=row.features,
        accepted_at=row.accepted_at,
        order=row.order,
        promise=row.promise,
        decision=row.decision,
    )


def _models() -> QuerySet[LearnedModel]:
    return LearnedModel.objects.defer("artefact")


def _model_card(row: LearnedModel) -> ModelCard:
    return ModelCard(
        row.service,
        row.version,
        row.status,
        row.metrics,
        row.reasons,
        row.decision,
        row.learned_at,
        row.published_at,
    )


def _run_card(row: LearningRun) -> RunCard:
    return RunCard(
        row.pk,
        row.state,
        row.service,
        row.asked_by,
        row.asked_at,
        row.started_at,
        row.finished_at,
        row.step,
        row.done,
        row.total,
        row.attempts,
        row.report,
        row.error,
    )


def _alarm_card(row: DriftAlarm) -> AlarmCard:
    return AlarmCard(
        row.service,
        row.raised_at,
        row.covered,
        row.low,
        row.high,
        row.level,
        row.n,
        row.decision,
        row.cleared_at,
    )
