"""The answer in a sentence, or the honest reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.fix import behind
from overdeliver.audit.page.names import group_said
from overdeliver.audit.page.tell import Tell

#: So far below the asked level the owner's own rate is not one to be kept.
_FAR_BELOW = 0.05
SMALL = 100
"""Below this many settled promises they are counted, not given per hundred."""


@dataclass
class Headline:
    """Sentences in the large serif, remarks in small type below."""

    sentences: list[Markup] = field(default_factory=list)
    remarks: list[Markup] = field(default_factory=list)


def headline(report: Mapping[str, Any], tell: Tell) -> Headline:
    """What the whole page comes down to."""
    head = Headline()
    head.sentences.append(_kept(report, tell))
    _better(report, tell, head)
    worst = _worst(report, tell)
    if worst:
        head.sentences.append(worst)
    _means(report, tell, head)
    return head


def settled(counts: Mapping[str, Any]) -> int:
    """Promises with a verdict."""
    return int(counts["broken"] + counts["met"] + counts["exceeded"])


def has_promises(report: Mapping[str, Any]) -> bool:
    """Whether the file said what was promised."""
    out = report["outcomes"]
    return bool(report["promised_mean"] is not None or settled(out) or out["open"])


def _kept(report: Mapping[str, Any], tell: Tell) -> Markup:
    say, out = tell.words, report["outcomes"]
    n, kept = settled(out), report["kept"]
    if not report["rows"]["used"]:
        return say("headline.nothing_read")
    if not has_promises(report):
        return say("headline.no_promise")
    if kept is None or not n:
        if out["open"]:
            shown = tell.numbers.count(out["open"])
            return say("headline.nothing_settled", count=out["open"], n=shown)
        return say("headline.nothing_known")
    if n < SMALL:
        return say(
            "headline.kept_count",
            count=n,
            k=tell.numbers.count(n - out["broken"]),
            n=tell.numbers.count(n),
        )
    return say("headline.kept_hundred", k=tell.numbers.per_hundred(kept["rate"]))


def _better(report: Mapping[str, Any], tell: Tell, head: Headline) -> None:
    """What could be promised instead, or why that is not said."""
    say, test = tell.words, report["backtest"]
    if not report["rows"]["used"]:
        return
    if "not_enough" in test:
        reason = tell.said("reason", test, test["not_enough"])
        head.remarks.append(say("headline.why_not", reason=reason))
        return
    own, then = test.get("own"), test.get("at_same_kept")
    if own and then:
        gain = gain_of(tell, own["promised_mean"], then["promised_mean"])
        best = _asked(test)
        if gain <= 0 and best and own["kept"] < best["level"] - _FAR_BELOW:
            # Nothing shorter at his own rate, but that rate is not one to be kept.
            head.sentences.append(_could_promise(best, tell))
        else:
            head.sentences.append(_gain_sentence(gain, own["promised_mean"], tell))
    elif not own and not has_promises(report):
        best = _asked(test)
        if best:
            head.sentences.append(_could_promise(best, tell))


def _could_promise(best: Mapping[str, Any], tell: Tell) -> Markup:
    amount, k = tell.amount(best["promised_mean"]), tell.numbers.per_hundred(best["kept"])
    return tell.words("headline.could_promise", amount=amount, k=k)


def _asked(test: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The level to speak of: the asked one when named, else .9, else the highest."""
    levels = test.get("levels") or []
    wanted = test.get("level", 0.9)
    at = [row for row in levels if row["level"] == wanted and row["promised_mean"] is not None]
    return at[0] if at else None


def gain_of(tell: Tell, now: float, then: float) -> float:
    """How much better for the customer `then` is than `now`; 0.0 when it rounds away."""
    gain = then - now if tell.lever == "service" else now - then
    negligible = abs(gain) < 0.002 * abs(now) or round(gain, 1 if abs(now) >= 1 else 2) == 0
    return 0.0 if negligible else gain


def _gain_sentence(gain: float, now: float, tell: Tell) -> Markup:
    if gain > 0:
        return tell.words(f"headline.better_{tell.manner}", amount=tell.shift(gain))
    return tell.words("headline.same" if gain == 0 else "headline.worse")


def _worst(report: Mapping[str, Any], tell: Tell) -> Markup | None:
    """The exception, in the colour of broken: flagged as worse, and dearest beyond the average."""
    for group in behind(report):
        if group["flag"] == "worse":
            k = tell.numbers.per_hundred(group["kept"]["rate"])
            name = Markup("<em>{}</em>").format(group_said(group["by"], tell))
            return tell.words("headline.group", group=name, k=k)
    return None


def _means(report: Mapping[str, Any], tell: Tell, head: Headline) -> None:
    kept, say = report["kept"], tell.words
    if kept:
        shown = tell.numbers.percent_interval(kept["low"], kept["high"], sign=True)
        head.remarks.insert(0, say("headline.interval", interval=shown))
    promised, actual = report["promised_mean"], report["actual_mean"]
    if promised is not None and actual is not None:
        means = say(
            f"headline.means_{tell.manner}",
            promised=tell.amount(promised),
            actual=tell.amount(actual),
        )
        head.remarks.insert(0, means)
