"""What is still to be asked about a file: always one question, the first that stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What a person may map a column to, in the order shown.
FIELDS = (
    "order_id",
    "customer_id",
    "placed_at",
    "made_at",
    "promised_at",
    "delivered_at",
    "promised",
    "actual",
    "booked_class",
    "delivered_class",
    "cancelled_at",
    "amount",
    "currency",
    "segment",
    "channel",
    "score",
    "text",
)
EXTRAS = ("service", "team", "customer_name", "customer_email", "customer_phone")
#: Kinds whose export holds no promise: it is a rule per shipping method.
RULED = ("shopify", "woocommerce")
_PROMISES = ("promised_at", "promised", "booked_class")
_KNOWN_ZONES = ("olist", "flights")


@dataclass(frozen=True)
class Question:
    """One question; ``values`` is what its form needs."""

    code: str  # fields, rules, date_order, classes, unit, placed_at, zone, service
    values: Mapping[str, Any]


def question(
    preview: Mapping[str, Any], settings: Mapping[str, Any], services: Sequence[Any]
) -> Question | None:
    """The one question that stands between a file and its rows being checked; None: none does.

    ``services`` are cards with slug, lever and unit. What was answered is in ``settings``.
    """
    kind, problem = preview.get("kind", ""), preview.get("problem", "")
    mapping = preview.get("mapping", {})
    ruled = kind in RULED and not set(_PROMISES) & set(mapping)
    if ruled and not settings.get("rules") and (preview.get("methods") or problem == "rules"):
        return Question("rules", {"methods": preview.get("methods", [])})
    if problem in ("fields", "rules"):
        return Question("fields", {"told": preview.get("told", "")})
    if problem:
        return Question(problem, {"told": preview.get("told", "")})
    if not preview.get("dated", True):
        return Question("placed_at", {})
    if _told(preview, "unit_assumed") and not settings.get("unit"):
        return Question("unit", {"lever": preview.get("lever", "time")})
    if preview.get("zoneless") and not settings.get("zone") and kind not in _KNOWN_ZONES:
        return Question("zone", {})
    if not _has_service(preview, settings):
        fitting = [
            one
            for one in services
            if one.lever == preview.get("lever") and one.unit == preview.get("unit")
        ]
        return Question("service", {"fitting": [one.slug for one in fitting]})
    return None


def _told(preview: Mapping[str, Any], code: str) -> bool:
    return any(notice[0] == code for notice in preview.get("notices", []))


def _has_service(preview: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    chosen = settings.get("extras", preview.get("extras", {}))
    return bool(settings.get("service") is not None or chosen.get("service"))


def with_answers(
    settings: Mapping[str, Any], answers: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """The settings with answers laid over, and whether anything changed.

    >>> with_answers({"zone": "UTC"}, {"zone": "UTC", "unit": "days"})
    ({'zone': 'UTC', 'unit': 'days'}, True)
    """
    merged = {**settings, **{k: v for k, v in answers.items() if v is not None}}
    return merged, merged != dict(settings)


def balanced(report: Mapping[str, Any]) -> bool:
    """Whether the books of an import close: rows in = stored + known + joined + rejected.

    >>> balanced({"rows": 10, "stored": 7, "known": 1, "joined": 0, "rejected": 2})
    True
    """
    parts = ("stored", "known", "joined", "rejected")
    return bool(report["rows"] == sum(report.get(part, 0) for part in parts))
