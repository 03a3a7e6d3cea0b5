"""When a learned model goes out, and when the published one no longer holds."""

from dataclasses import dataclass

from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.promise import Reason
from overdeliver.vocabulary.decisions import Decision


@dataclass(frozen=True)
class Tried:
    """What a model did on promises it had not seen, at the level it will be asked for.

    ``kept`` with its 95 % interval over ``judged`` promises, None where none could be judged;
    ``loss`` and ``published_loss`` are pinball losses on the same promises, None without a
    comparison. ``outcomes`` are those it learned from, ``needed`` the least for the level.
    """

    level: float
    outcomes: int
    needed: int
    judged: int
    kept: float | None
    low: float | None
    high: float | None
    loss: float | None = None
    published_loss: float | None = None


@dataclass(frozen=True, kw_only=True)
class Publishing(Decision):
    """The verdict is ``publish``, ``wait`` (a person may publish it) or ``refuse``."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Alarm(Decision):
    """The verdict is ``alarm`` or ``quiet``."""


def good_enough_to_publish(tried: Tried, policy: PromisingPolicy) -> Publishing:
    """Whether the model may promise: enough outcomes, kept as it says, no worse than what is out.

    The kept rate must agree with the level: its interval has to reach ``level - slack`` from above
    and ``level + spare`` from below (whole days and rounding up keep a little more).

    >>> seen = Tried(0.9, 400, 9, 160, 0.91, 0.855, 0.946)
    >>> good_enough_to_publish(seen, PromisingPolicy()).verdict
    'publish'
    >>> good_enough_to_publish(Tried(0.9, 400, 9, 160, 0.78, 0.71, 0.84), PromisingPolicy()).verdict
    'refuse'
    """
    needed = max(tried.needed, policy.least_outcomes)
    if tried.outcomes < needed:
        return _said("refuse", policy, [_few(tried, needed)])
    reasons = [_judged(tried)]
    doubt = _off(tried, policy) or _worse(tried, policy)
    if doubt:
        return _said("refuse", policy, [*reasons, doubt])
    if tried.judged < policy.judged_least:
        thin = Reason(
            "thin",
            f"too few to prove it: {policy.judged_least} are asked for, a person may publish it",
            {"need": policy.judged_least},
        )
        return _said("wait", policy, [*reasons, thin])
    if tried.published_loss is not None:
        reasons.append(Reason("no_worse", "it foresees no worse than the published model"))
    if not policy.automatic:
        return _said("wait", policy, [*reasons, Reason("manual", "a person publishes here")])
    return _said("publish", policy, reasons)


def should_alarm(
    *, level: float, covered: float, low: float, high: float, fallen: bool, policy: PromisingPolicy
) -> Alarm:
    """An alarm where the sequential test says the kept rate fell, and the rate agrees.

    ``fallen`` is `learn.monitor.drift`'s own alarm; it is cleared once the interval of the kept
    rate reaches the level again.

    >>> seen = dict(level=0.9, covered=0.8, low=0.75, high=0.84, policy=PromisingPolicy())
    >>> should_alarm(fallen=True, **seen).verdict, should_alarm(fallen=False, **seen).verdict
    ('alarm', 'quiet')
    """
    rate = f"{covered:.1%} kept ({low:.1%} to {high:.1%}) of promises meant for {level:.0%}"
    if fallen and high < level:
        return Alarm(verdict="alarm", because=(rate, "beyond chance"), policy=policy.version)
    return Alarm(verdict="quiet", because=(rate,), policy=policy.version)


def _few(tried: Tried, needed: int) -> Reason:
    return Reason(
        "few",
        f"{tried.outcomes} outcomes are known, {needed} are needed for {tried.level:.0%}",
        {"n": tried.outcomes, "need": needed, "level": tried.level},
    )


def _judged(tried: Tried) -> Reason:
    if tried.kept is None or tried.low is None or tried.high is None:
        return Reason(
            "not_judged",
            f"learned from {tried.outcomes} outcomes; none was left to try it on",
            {"n": tried.outcomes},
        )
    return Reason(
        "judged",
        f"of {tried.judged} promises it had not seen it would have kept {tried.kept:.1%}"
        f" ({tried.low:.1%} to {tried.high:.1%}), meant for {tried.level:.0%}",
        {
            "n": tried.judged,
            "kept": tried.kept,
            "low": tried.low,
            "high": tried.high,
            "level": tried.level,
        },
    )


def _off(tried: Tried, policy: PromisingPolicy) -> Reason | None:
    if tried.low is None or tried.high is None:
        return None
    if tried.high < tried.level - policy.slack:
        return Reason("breaks", "that is less than it says, beyond chance")
    if tried.low > tried.level + policy.spare:
        return Reason("spares", "that is far more than it says: it would promise too long")
    return None


def _worse(tried: Tried, policy: PromisingPolicy) -> Reason | None:
    if tried.loss is None or tried.published_loss is None:
        return None
    if tried.loss <= policy.worse * tried.published_loss:
        return None
    times = tried.loss / max(tried.published_loss, 1e-12)
    return Reason(
        "worse",
        f"the published model foresees better: its loss is smaller by a factor of {times:.2f}",
        {"times": times},
    )


def _said(verdict: str, policy: PromisingPolicy, reasons: list[Reason]) -> Publishing:
    return Publishing(
        verdict=verdict,
        because=tuple(reason.text for reason in reasons),
        policy=policy.version,
        reasons=tuple(reasons),
    )
