"""What people type on the pages of quoting, as values of the rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.quoting.rules.policy import PRICES, PromisingPolicy
from overdeliver.vocabulary.errors import InputError

Typed = Mapping[str, Any]


def number(given: Typed, name: str, default: float) -> float:
    """A number as people write it, with a point or a comma; empty is the default.

    >>> number({"level": "92,5"}, "level", 0)
    92.5
    """
    text = str(given.get(name, "")).strip().replace(" ", "").replace("\u00a0", "")
    if not text:
        return default
    try:
        found = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e15:
        raise InputError(f"{name}: {text[:40]!r} is no number")
    return found


def prices(given: Typed, stored: Mapping[str, float]) -> dict[str, float]:
    """The solver's prices, those not typed as they are stored; shares come in per cent."""
    found = {name: number(given, name, stored.get(name, 0.0)) for name in PRICES}
    if str(given.get("elasticity_percent", "")).strip():
        found["elasticity"] = number(given, "elasticity_percent", 0.0) / 100
    if wrong := next((name for name, value in found.items() if value < 0), ""):
        raise InputError(f"{wrong}: a number not below 0 is needed")
    return found


def promise_of(given: Typed) -> float | None:
    """The promise to look at: the number typed, else the slider's; None: neither."""
    for name in ("exact", "promise"):
        if str(given.get(name, "")).strip():
            return number(given, name, 0.0)
    return None


def policy(given: Typed, before: PromisingPolicy, services: list[ServiceCard]) -> PromisingPolicy:
    """The policy as the form says; per cent become shares. InputError: a field is wrong."""
    levels: dict[str, float] = {}
    for service in services:
        text = str(given.get(f"level:{service.slug}", "")).strip()
        if text:
            levels[service.slug] = _share(given, f"level:{service.slug}")
    known = {service.slug for service in services}
    public = [slug for slug in known if given.get(f"public:{slug}")]
    return replace(
        before,
        level=_share(given, "level", before.level),
        levels=levels,
        least_outcomes=_count(given, "least_outcomes"),
        widest=number(given, "widest", 0.0),
        valid_hours=number(given, "valid_hours", before.valid_hours),
        rounded=bool(given.get("rounded")),
        within_hours=bool(given.get("within_hours")),
        open_days=bool(given.get("open_days")),
        automatic=bool(given.get("automatic")),
        judged_least=_count(given, "judged_least"),
        public=tuple(sorted(public)),
        origins=tuple(_origins(str(given.get("origins", "")))),
    )


def features(given: Typed) -> dict[str, Any]:
    """The features of a form: fields named ``f:NAME``, empty ones left out."""
    return {
        name[2:]: value
        for name, value in given.items()
        if name.startswith("f:") and str(value).strip()
    }


def _share(given: Typed, name: str, default: float = 0.9) -> float:
    found = number(given, name, default * 100) / 100
    if not 0.5 <= found <= 0.99:
        raise InputError(f"{name}: between 50 and 99 per cent is needed")
    return round(found, 6)


def _count(given: Typed, name: str) -> int:
    found = number(given, name, 0.0)
    if not (0 <= found <= 1_000_000 and found == int(found)):
        raise InputError(f"{name}: a whole number not below 0 is needed")
    return int(found)


def _origins(text: str) -> list[str]:
    found = []
    for line in text.split():
        parts = urlsplit(line.rstrip("/"))
        if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query:
            raise InputError(f"origins: {line[:80]!r} must look like https://shop.example")
        found.append(f"{parts.scheme}://{parts.netloc.lower()}")
    return list(dict.fromkeys(found))
