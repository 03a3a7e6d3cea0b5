"""The margin solver as the page shows it: sentences, lines, a picture with its table."""

from collections.abc import Mapping, Sequence
from typing import Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.numbers import length, money, number
from overdeliver.apps.look.words import word
from overdeliver.apps.quoting import forms
from overdeliver.apps.quoting.margins import ORDERS, Choice, Weighed, weigh
from overdeliver.apps.quoting.outlook import Outlook
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.vocabulary.errors import InputError

_WIDTH, _HEIGHT = 640, 190
_LEFT, _TOP, _FLOOR = 44, 12, 160
_GRID = (0.0, 0.5, 1.0)  # shares kept that are named at the side


def margin_of(one: Outlook, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The solver for what is typed; with a wrong number it says so and keeps what was typed."""
    model = one.published or one.newest
    stored = business.policy(PromisingPolicy).prices_of(one.service.slug)
    shown = {"typed": _typed(typed, stored)}
    if model is None or not model.metrics.get("spread"):
        return shown
    try:
        prices = forms.prices(typed, stored)
        promise = forms.promise_of(typed)
        found = weigh(
            model.metrics["spread"],
            prices,
            promise=_present(one) if promise is None else promise,
            unit=one.service.unit,
            whole=one.service.whole,
            outcomes=int(model.metrics["outcomes"]),
        )
    except InputError as error:
        return {**shown, "error": str(error)}
    here = business.business()
    currency = here.currency if here else ""
    if one.service.lever == "cost":
        currency = one.service.unit
    unit = one.service.unit
    best = found.best
    return {
        "typed": _typed(typed, prices),
        "found": found,
        "slider": {
            "max": f"{found.longest:g}",
            "step": f"{found.step:g}",
            "value": f"{found.chosen.promise:g}",
        },
        "late_by": length(found.chosen.late_by, unit),
        "best": length(best.promise, unit) if best else "",
        "best_number": round(best.promise, 4) if best else None,
        "loses": found.overpaid is not None and found.overpaid > 0.005,
        "lost": money(found.overpaid, currency),
        "used": number(found.elasticity * 100),
        "lines": [
            _line(key, choice, unit, currency)
            for key, choice in (
                ("less", found.less),
                ("chosen", found.chosen),
                ("more", found.more),
                ("best_line", best),
            )
            if choice is not None
        ],
        "picture": _picture(found, unit),
    }


def _typed(typed: Mapping[str, Any], prices: Mapping[str, float]) -> dict[str, str]:
    """What the fields hold: as it was typed, else the stored price, else nothing."""
    fields = {name: f"{value:g}" if value else "" for name, value in prices.items()}
    rate = prices.get("elasticity", 0.0)
    fields["elasticity_percent"] = f"{rate * 100:g}" if rate else ""
    return {name: str(typed.get(name, value)) for name, value in fields.items()}


def _present(one: Outlook) -> float | None:
    """What is promised now, as the slider's starting point."""
    if one.own:
        return round(float(one.own["promised_mean"]), 0 if one.service.whole else 2)
    return one.service.fallback


def _line(key: str, choice: Choice, unit: str, currency: str) -> dict[str, Any]:
    return {
        "label": word(f"quoting.margin.{key}"),
        "length": length(choice.promise, unit),
        "kept": choice.kept,
        "orders": None if choice.orders is None else choice.orders * ORDERS,
        "money": "" if choice.profit is None else money(choice.profit * ORDERS, currency),
    }


def _named(found: Weighed) -> list[tuple[float, str]]:
    """Promises named below the picture, each with the side of its word that it stands at."""
    step = found.step
    half = round(found.longest / 2 / step) * step
    return [(half, "middle"), (found.longest, "end")]


def _picture(found: Weighed, unit: str) -> dict[str, Any]:
    """Coordinates, as text: templates would write a comma in some languages."""
    span = max(found.longest, 1e-9)

    def across(promise: float) -> str:
        return f"{_LEFT + promise / span * (_WIDTH - _LEFT - 12):.1f}"

    def up(share: float) -> str:
        return f"{_FLOOR - share * (_FLOOR - _TOP):.1f}"

    def line(values: Sequence[float], low: float, high: float) -> str:
        room = max(high - low, 1e-9)
        shares = [min(max((value - low) / room, 0.0), 1.0) for value in values]
        return " ".join(
            f"{across(one.promise)},{up(share)}"
            for one, share in zip(found.curve, shares, strict=True)
        )

    profits = [one.profit for one in found.curve if one.profit is not None]
    earned = ""
    if profits:
        best = max(profits)  # what earns less than half of the best lies on the floor
        earned = line(profits, best - 0.5 * max(abs(best), 1e-9), best)
    return {
        "width": str(_WIDTH),
        "height": str(_HEIGHT),
        "left": str(_LEFT),
        "top": str(_TOP),
        "floor": str(_FLOOR),
        "levels": [(up(share), share) for share in _GRID],
        "lengths": [(across(one), length(one, unit), at) for one, at in _named(found)],
        "kept": line([one.kept for one in found.curve], 0.0, 1.0),
        "money": earned,
        "chosen": across(found.chosen.promise),
        "best": across(found.best.promise) if found.best else "",
    }
