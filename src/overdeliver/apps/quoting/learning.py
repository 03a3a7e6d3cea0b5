"""One run of learning: read the ledger, learn each service, try it honestly, keep it, decide."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.quoting import events, serving
from overdeliver.apps.quoting.actions import as_stored
from overdeliver.apps.quoting.advice import advised
from overdeliver.apps.quoting.models import LearnedModel, LearningRun
from overdeliver.apps.quoting.past import GROUPS, Past, read_past
from overdeliver.apps.quoting.publishing import publish
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.publish import Publishing, Tried, good_enough_to_publish
from overdeliver.apps.quoting.runs import Lost, renew
from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.vocabulary.errors import Conflict, OverdeliverError

_RULE = "overdeliver.apps.quoting.rules.publish.good_enough_to_publish"


def carry_out(run: int, holder: str) -> None:
    """Do a claimed run to its end; every service stands alone, one that fails does not stop others.

    Lost: somebody else took the run up.
    """
    asked = LearningRun.objects.get(pk=run)
    services = [one for one in business.services() if asked.service in ("", one.slug)]
    services = [one for one in services if one.lever != "service"]
    renew(run, holder, total=len(services), step="")
    report: list[dict[str, Any]] = []
    with read_past() as past:
        for number, service in enumerate(services):
            renew(run, holder, step=service.slug, done=number, report=report)
            report.append(_one(past, service, lambda share: renew(run, holder)))
        if not asked.service:
            report.append(advised(past))
    renew(
        run,
        holder,
        state="done",
        step="",
        done=len(services),
        report=report,
        finished_at=timezone.now(),
    )


def _one(past: Past, service: ServiceCard, beat: Callable[[float], None]) -> dict[str, Any]:
    try:
        return learn_service(past, service, beat)
    except Lost:
        raise
    except OverdeliverError as error:
        return {"service": service.slug, "state": "failed", "error": str(error)[:300]}


def learn_service(
    past: Past, service: ServiceCard, beat: Callable[[float], None] = lambda share: None
) -> dict[str, Any]:
    """Learn, try, keep and judge one service; returns the run's line about it."""
    # Only whoever learns pays for loading what learns.
    from overdeliver.apps.quoting.trial import figures_of, learn, readings_of, tried
    from overdeliver.learn.promise_file import save_promise

    policy = business.policy(PromisingPolicy)
    level = policy.level_of(service.slug)
    needed = max(minimum_outcomes(level), policy.least_outcomes)
    cases = past.cases(service, business.zone())
    known = int(cases.table.actual.count().to_pyarrow().as_py())
    line: dict[str, Any] = {"service": service.slug, "have": known, "need": needed}
    if known < needed:
        return {**line, "state": "few"}
    reading = readings_of(cases)
    by = tuple(name for name in GROUPS if name in cases.table.columns)
    trial = tried(cases, reading, level, by=by, progress=beat)
    beat(1.0)
    model = learn(cases, reading, level)
    metrics = {**trial, **figures_of(model, cases, reading, level), "level": level}
    losses = _against_published(service.slug, cases, reading, level)
    judged = _tried(metrics, level, losses)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "promise.od"
        save_promise(model, file, {"level": level, "n": metrics["n"]})
        content = file.read_bytes()
    beat(1.0)
    chosen = good_enough_to_publish(judged, policy)
    version, decision = _keep(service.slug, content, metrics, chosen)
    published = chosen.verdict == "publish" and _published(service.slug, version, decision)
    return {**line, "state": "published" if published else "kept", "version": version}


def _published(service: str, version: int, decision: int) -> bool:
    try:
        publish(service, version, decision=decision)
    except Conflict:  # a person was faster: it stays a candidate
        return False
    return True


def _against_published(
    service: str, cases: Any, reading: Any, level: float
) -> tuple[float, float] | None:
    from overdeliver.apps.quoting.trial import compared

    row = LearnedModel.objects.filter(service=service, status="published").first()
    if row is None:
        return None
    try:
        published = serving.load(row)
    except OverdeliverError:
        return None  # what cannot be loaded promises nothing: no comparison
    return compared(cases, reading, published, level)


def _tried(metrics: dict[str, Any], level: float, losses: tuple[float, float] | None) -> Tried:
    at = next((one for one in metrics["levels"] if one["level"] == level), None)
    return Tried(
        level=level,
        outcomes=metrics["outcomes"] if metrics["supports"] else 0,
        needed=metrics["needed"],
        judged=metrics["n"] if at else 0,
        kept=at["kept"] if at else None,
        low=at["low"] if at else None,
        high=at["high"] if at else None,
        loss=losses[0] if losses else None,
        published_loss=losses[1] if losses else None,
    )


_STATUS = {"publish": "candidate", "wait": "candidate", "refuse": "refused"}


def _keep(
    service: str, content: bytes, metrics: dict[str, Any], chosen: Publishing
) -> tuple[int, int]:
    """The model as the next version, with the decision about it; (version, decision)."""
    for attempt in range(5):
        rows = LearnedModel.objects.filter(service=service)
        version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                decision = decide(
                    chosen,
                    rule=_RULE,
                    subject=f"model:{service}",
                    inputs={"version": version, "level": metrics["level"], "n": metrics["n"]},
                )
                LearnedModel.objects.create(
                    service=service,
                    version=version,
                    artefact=content,
                    sha256=hashlib.sha256(content).hexdigest(),
                    metrics=metrics,
                    status=_STATUS[chosen.verdict],
                    because=list(chosen.because),
                    reasons=[as_stored(reason) for reason in chosen.reasons],
                    decision=decision,
                    learned_at=timezone.now(),
                )
                learned = events.ModelLearned(
                    subject=f"model:{service}", version=version, verdict=chosen.verdict
                )
                record(learned, decision=decision)
            return version, decision
        except IntegrityError:
            if attempt == 4:
                raise
    raise AssertionError
