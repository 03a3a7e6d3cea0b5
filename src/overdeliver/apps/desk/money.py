"""The money page: does keeping promises pay?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from markupsafe import Markup

from overdeliver.apps.desk.worth import NEEDED, Money, money
from overdeliver.apps.look import numbers
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises.paid import paid_table
from overdeliver.audit.page.charts import Point, Scale, interval_row
from overdeliver.measure.answers import NotEnough
from overdeliver.vocabulary.errors import InputError

WITHIN = (30, 90, 180, 365)


@needs("figures.see")
def page(request: HttpRequest) -> HttpResponse:
    """`/money/`: who came again and what they spent, by how the promise ended."""
    text = request.GET.get("within", "90")
    if text not in map(str, WITHIN):
        raise InputError(f"within: use one of {', '.join(map(str, WITHIN))} days")
    found = money(paid_table(), within_days=int(text))
    context = {
        "found": found,
        "within": int(text),
        "choices": WITHIN,
        "needed": NEEDED,
        "answer": _answer(found),
        "repeats": _repeats(found),
        "missing": found.repeats if isinstance(found.repeats, NotEnough) else None,
        "worths": [(one, f"{reverse('promises')}?verdict={one.verdict}") for one in found.worths],
    }
    return render(request, "desk/money.html", context)


def _repeats(found: Money) -> list[dict[str, Any]]:
    if isinstance(found.repeats, NotEnough):
        return []
    most = max((one.repeat.high for one in found.repeats if one.repeat), default=1.0)
    scale = Scale(0, most, 2, 98)
    rows = []
    for one in found.repeats:
        picture = Markup("")
        if one.repeat:
            ends = one.repeat
            picture = interval_row(scale, Point(0, one.repeat.rate, ends.low, ends.high), None)
        link = f"{reverse('promises')}?verdict={one.verdict}&made_to={found.until}"
        rows.append({"one": one, "picture": picture, "link": link})
    return rows


def _answer(found: Money) -> Markup:
    """One sentence; a difference is only said where the intervals do not touch."""
    if isinstance(found.repeats, NotEnough):
        return word("desk.money.too_few")
    rates = {one.verdict: one.repeat for one in found.repeats if one.repeat}
    broken, kept = rates.get("broken"), rates.get("exceeded") or rates.get("met")
    if not broken or not kept:
        return word("desk.money.too_few")
    said: dict[str, Any] = {"kept": numbers.share(kept.rate), "broken": numbers.share(broken.rate)}
    if kept.low > broken.high:
        return word("desk.money.pays", **said)
    if broken.low > kept.high:
        return word("desk.money.not_pays", **said)
    return word("desk.money.unclear", **said)
