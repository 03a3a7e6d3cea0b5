"""The forms of customers, staff, keys and one's own account."""

import pytz
from django.conf import settings

from overdeliver.apps.business.fields import Field, Form, Option, options_of
from overdeliver.apps.look.words import word
from overdeliver.apps.people.listing import CustomerLine, StaffLine
from overdeliver.apps.people.rules import KEY_RIGHTS, PURPOSES, ROLES


def languages() -> list[Option]:
    """The five languages, and none."""
    return [("", "–"), *settings.LANGUAGES]


def customer_form(row: CustomerLine, zone: str, segments: list[str]) -> Form:
    """Who somebody is and how to reach him."""
    return Form(
        Field("name", word("people.col.name"), value=row.name),
        Field("email", word("people.col.email"), "email", row.email),
        Field("phone", word("people.col.phone"), "tel", row.phone, word("people.edit.phone_hint")),
        Field(
            "postal",
            word("people.col.postal"),
            "textarea",
            row.postal,
            word("people.edit.postal_hint"),
            rows=4,
            autocomplete="street-address",
        ),
        Field("language", word("people.col.language"), "select", row.language, options=languages()),
        Field(
            "zone",
            word("people.col.zone"),
            "select",
            zone,
            word("people.edit.zone_hint"),
            [("", "–"), *((one, one.replace("_", " ")) for one in pytz.common_timezones)],
        ),
        Field("segment", word("people.col.segment"), value=row.segment, suggestions=segments),
    )


def consent_form() -> Form:
    """A yes or no to a purpose, where it was said, and the words agreed to."""
    return Form(
        Field(
            "purpose",
            word("people.consent.purpose"),
            "select",
            options=options_of("people.purpose", PURPOSES),
        ),
        Field(
            "given",
            word("people.consent.said"),
            "select",
            "yes",
            options=[
                ("yes", str(word("people.consent.yes"))),
                ("no", str(word("people.consent.no"))),
            ],
        ),
        Field(
            "source",
            word("people.consent.source"),
            required=True,
            hint=word("people.consent.source_hint"),
            suggestions=[str(word(f"people.source.{one}")) for one in ("phone", "mail", "person")],
        ),
        Field("text", word("people.consent.text"), "textarea", rows=2),
    )


def invite_form(teams: list[str]) -> Form:
    """Whom to invite, with which role."""
    return Form(
        Field("email", word("people.col.email"), "email", required=True),
        _role("agent"),
        Field("team", word("people.col.team"), suggestions=teams),
        Field("language", word("people.col.language"), "select", options=languages()),
    )


def staff_form(row: StaffLine, teams: list[str]) -> Form:
    """Name, role, team and language of a member of staff."""
    return Form(
        Field("name", word("people.col.name"), value=row.name),
        _role(row.role),
        Field("team", word("people.col.team"), value=row.team, suggestions=teams),
        Field("language", word("people.col.language"), "select", row.language, options=languages()),
    )


def key_form() -> Form:
    """A key: which program, what it may do, until when."""
    return Form(
        Field("name", word("people.keys.name"), required=True, hint=word("people.keys.name_hint")),
        Field(
            "rights",
            word("people.keys.rights"),
            "several",
            required=True,
            options=[(one, right_word(one)) for one in KEY_RIGHTS],
            hint=word("people.keys.rights_hint"),
        ),
        Field(
            "expires", word("people.keys.expires"), "date", hint=word("people.keys.expires_hint")
        ),
    )


def account_form(row: StaffLine) -> Form:
    """One's own name and language."""
    return Form(
        Field("name", word("people.col.name"), value=row.name, autocomplete="name"),
        Field("language", word("people.col.language"), "select", row.language, options=languages()),
    )


def join_form(*, with_email: bool) -> Form:
    """What somebody says who joins: name and password, the first owner his address too."""
    address = Field(
        "email", word("people.col.email"), "email", required=True, autocomplete="username"
    )
    return Form(
        *([address] if with_email else []),
        Field("name", word("people.col.name"), required=True, autocomplete="name"),
        password_field(),
    )


def password_field() -> Field:
    """A new password."""
    return Field(
        "password",
        word("people.join.password"),
        "password",
        hint=word("people.join.password_hint"),
        required=True,
        autocomplete="new-password",
    )


def right_word(right: str) -> str:
    """A right in words."""
    return str(word(f"people.right.{right.replace('.', '_')}"))


def _role(role: str) -> Field:
    return Field(
        "role",
        word("people.col.role"),
        "select",
        role,
        word("people.staff.role_hint"),
        options_of("people.role", ROLES),
    )
