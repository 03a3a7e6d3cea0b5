"""The forms of complaints: the customer's, the phone note, a step of the loop."""

from overdeliver.apps.business.fields import Field, Form, Option
from overdeliver.apps.look.words import word
from overdeliver.apps.recovery.rules.complaint import OBJECTS, SEVERITIES, Complaint

_FIRST = {"yes": True, "no": False}


def said_of(group: str, names: tuple[str, ...]) -> list[Option]:
    """Options of a group of words: ``recovery.object.product``."""
    return [(name, str(word(f"recovery.{group}.{name}"))) for name in names]


def door_form() -> Form:
    """What a customer is asked: one thing he must say, the rest he may."""
    return Form(
        Field("text", word("recovery.door.text"), "textarea", required=True, rows=5),
        Field(
            "contact",
            word("recovery.door.contact"),
            hint=word("recovery.door.contact_hint"),
            autocomplete="email",
        ),
        Field("name", word("recovery.door.name"), autocomplete="name"),
        Field(
            "object",
            word("recovery.door.object"),
            "select",
            options=[("", "–"), *said_of("object", OBJECTS)],
        ),
        Field(
            "first",
            word("recovery.door.first"),
            "select",
            options=[("", "–"), *said_of("first", ("yes", "no"))],
        ),
    )


def read_door(form: Form, touchpoint: str, seconds: int | None, tongue: str) -> Complaint:
    """The complaint as a customer typed it."""
    return Complaint(
        text=form["text"].value,
        channel="page",
        object=form.text("object") or "other",
        first=_FIRST.get(form.text("first")),
        language=tongue,
        name=form.text("name"),
        contact=form.text("contact"),
        touchpoint=touchpoint,
        seconds=seconds,
    )


def note_form(order: str = "") -> Form:
    """A complaint that somebody heard on the phone or across the counter."""
    return Form(
        Field("text", word("recovery.note.text"), "textarea", required=True, rows=5),
        Field("customer", word("recovery.note.customer"), hint=word("recovery.note.customer_hint")),
        Field("order", word("recovery.note.order"), value=order),
        Field("name", word("recovery.door.name")),
        Field("contact", word("recovery.door.contact")),
        Field("object", word("recovery.col.object"), "select", options=said_of("object", OBJECTS)),
        Field(
            "severity",
            word("recovery.col.severity"),
            "select",
            "normal",
            options=said_of("severity", SEVERITIES),
        ),
        Field(
            "first",
            word("recovery.note.first"),
            "select",
            options=[("", "–"), *said_of("first", ("yes", "no"))],
        ),
    )


def read_note(form: Form, tongue: str) -> Complaint:
    """The complaint as staff typed it."""
    return Complaint(
        text=form["text"].value,
        channel="phone",
        object=form.text("object") or "other",
        severity=form.text("severity") or "normal",
        first=_FIRST.get(form.text("first")),
        language=tongue,
        name=form.text("name"),
        contact=form.text("contact"),
    )
