"""What a complaint says: its object, severity, contact; checked before anything is kept."""

import re
from dataclasses import dataclass

from overdeliver.vocabulary.errors import InputError

#: What customers are dissatisfied with.
OBJECTS = ("product", "person", "service", "pre_sale", "other")
SEVERITIES = ("low", "normal", "high")
#: Where it came from.
CHANNELS = ("page", "mail", "phone", "api")
TONGUES = ("en", "pt", "ru", "ro", "kk")
LONGEST, SHORTEST = 10_000, 3
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]+\.[^@\s<>]{2,}")


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A complaint as it is told; ``contact`` is a mail address or a phone number, or empty.

    ``first``: whether it reached us before anybody else (None: not said); ``seconds``: how long
    the form was open.
    """

    text: str
    channel: str = "page"
    object: str = "other"
    severity: str = "normal"
    first: bool | None = None
    language: str = ""
    name: str = ""
    contact: str = ""
    touchpoint: str = ""
    seconds: int | None = None


def checked(given: Complaint) -> Complaint:
    """The complaint, tidied. InputError: nothing is said, or something that cannot be used.

    >>> checked(Complaint(text=" broken lid ", contact=" anna@example.org ")).contact
    'anna@example.org'
    """
    text = tidy(given.text)
    if len(text) < SHORTEST:
        raise InputError("text: say in a few words what went wrong")
    if len(text) > LONGEST:
        raise InputError(f"text: {LONGEST} characters at most")
    for name, known in (("object", OBJECTS), ("severity", SEVERITIES), ("channel", CHANNELS)):
        if getattr(given, name) not in known:
            raise InputError(f"{name}: use one of {', '.join(known)}")
    return Complaint(
        text=text,
        channel=given.channel,
        object=given.object,
        severity=given.severity,
        first=given.first,
        language=given.language if given.language in TONGUES else "",
        name=" ".join(tidy(given.name).split())[:200],
        contact=checked_contact(given.contact),
        touchpoint=given.touchpoint[:80],
        seconds=given.seconds,
    )


def checked_contact(text: str) -> str:
    """A mail address or a phone number, or empty. InputError: neither.

    >>> checked_contact("+7 701 000 00 00"), checked_contact("")
    ('+7 701 000 00 00', '')
    >>> checked_contact("tomorrow")
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.InputError: contact: write a mail address or a phone number
    """
    plain = " ".join(tidy(text).split())
    if not plain:
        return ""
    digits = sum(sign.isdecimal() for sign in plain)
    phone = 5 <= digits <= 20 and not re.search(r"[^\d\s()+./-]", plain)
    if len(plain) > 320 or not (phone or _MAIL.fullmatch(plain)):
        raise InputError("contact: write a mail address or a phone number")
    return plain


def mail_of(contact: str) -> str:
    """The contact where it is a mail address, else empty.

    >>> mail_of("a@example.org"), mail_of("+7 701 000 00 00")
    ('a@example.org', '')
    """
    return contact if "@" in contact else ""


def tidy(text: str) -> str:
    """A text without control characters and blanks around it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
