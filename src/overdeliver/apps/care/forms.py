"""The forms of care: the steps of a plan as a list, and a material."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.http import QueryDict

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.fields import Field, Form, options_of, plain_number, read_number
from overdeliver.apps.care.materials import KINDS
from overdeliver.apps.care.materials import Draft as Material
from overdeliver.apps.care.rules.steps import MOST_STEPS, Step
from overdeliver.apps.look.words import language, word
from overdeliver.apps.outreach.texts import TONGUES
from overdeliver.vocabulary.errors import InputError

NAMES = tuple(field.name for field in fields(Step))
_NUMBERS = ("after", "within")
_WAYS = ("add", "remove", "up", "down", "save")


@dataclass
class Typed:
    """The steps as they stand in the form: texts, right or wrong, and what is wrong."""

    rows: list[dict[str, str]]
    error: str = ""
    wrong: int | None = None  # the row that is wrong


def typed_of(steps: tuple[Step, ...]) -> Typed:
    """The form filled with steps."""
    return Typed([{name: _shown(getattr(step, name)) for name in NAMES} for step in steps])


def read_typed(post: QueryDict) -> Typed:
    """What was typed, as it was typed."""
    count = post.get("steps", "0")
    n = min(int(count), MOST_STEPS + 1) if count.isdecimal() and len(count) < 4 else 0
    rows = []
    for at in range(n):
        row = {name: post.get(f"step-{at}-{name}", "").strip()[:100] for name in NAMES}
        rows.append(row)
    return Typed(rows)


def changed(typed: Typed, act: str) -> Typed:
    """The form after a button: ``add``, ``remove:2``, ``up:2``, ``down:2``. InputError: no such."""
    way, _, place = act.partition(":")
    if way not in _WAYS:
        raise InputError(f"do: use one of {', '.join(_WAYS)}")
    rows = list(typed.rows)
    if way == "add":
        new = Step(channel="mail", content="care_confirm")
        rows.append({name: _shown(getattr(new, name)) for name in NAMES})
        return Typed(rows[:MOST_STEPS])
    at = int(place) if place.isdecimal() and len(place) < 4 else -1
    if not 0 <= at < len(rows):
        return typed
    row = rows.pop(at)
    if way in ("up", "down"):
        rows.insert(max(at - 1, 0) if way == "up" else at + 1, row)
    return Typed(rows)


def steps_of(typed: Typed) -> tuple[Step, ...]:
    """The steps as typed. InputError: one of them is wrong; ``typed`` says which."""
    found = []
    for at, row in enumerate(typed.rows):
        try:
            found.append(_step(row))
        except InputError as error:
            typed.wrong, typed.error = at, str(error)
            raise
    return tuple(found)


def _step(row: Mapping[str, str]) -> Step:
    values: dict[str, Any] = dict(row)
    for name in _NUMBERS:
        try:
            values[name] = read_number(row[name] or "0")
        except ValueError:
            raise InputError(f"{name}: write a number of hours") from None
    owner = row["owner"]
    values["owner"] = int(owner) if owner.isdecimal() and len(owner) < 10 else 0
    values["first_only"] = bool(row["first_only"])
    return Step(**values)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return plain_number(value)
    return str(value or "")


def material_form(values: Mapping[str, str]) -> Form:
    """The form of a material."""
    services = [("", str(word("care.material.every"))), *_services()]
    made = (
        Field("kind", word("care.material.kind"), "select", options=options_of("care.kind", KINDS)),
        Field(
            "language",
            word("care.material.language"),
            "select",
            value=language(),
            options=[(one, str(word(f"care.tongue.{one}"))) for one in TONGUES],
        ),
        Field("title", word("care.material.title"), required=True),
        Field("text", word("care.material.text"), "textarea", required=True, rows=8),
        Field("service", word("care.material.service"), "select", options=services),
        Field("until", word("care.material.until"), "date", hint=word("care.material.until_hint")),
        Field("source", word("care.material.source"), hint=word("care.material.source_hint")),
        Field("customer", word("care.material.customer"), hint=word("care.material.customer_hint")),
        Field("consent", word("care.material.consent"), hint=word("care.material.consent_hint")),
        Field("active", word("care.material.active"), "check", value="yes"),
    )
    for one in made:
        if one.name in values:
            one.value = values[one.name]
    return Form(*made)


def read_material(form: Form) -> Material:
    """The material as typed; what cannot be read is said at its field."""
    texts = ("kind", "language", "title", "text", "source", "customer", "consent", "service")
    return Material(
        **{name: form.text(name) for name in texts},
        until=form.day("until"),
        active=form.flag("active"),
    )


def _services() -> list[tuple[str, str]]:
    return [(one.slug, one.name) for one in business.services()]
