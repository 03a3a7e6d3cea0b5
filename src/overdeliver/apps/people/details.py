"""A customer's details as they are kept: phones in E.164, addresses checked, known languages."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import zone_named

LONGEST = {
    "name": 300,
    "email": 320,
    "phone": 50,
    "postal": 400,
    "language": 5,
    "zone": 64,
    "segment": 100,
}
_LINES = 6  # what a window envelope holds


def cleaned(given: dict[str, str], country: str) -> dict[str, str]:
    """The details checked; an empty one stays empty. InputError: the first that is wrong.

    >>> cleaned({"phone": "8 (701) 123-45-67", "email": "A@Example.org"}, "KZ")
    {'phone': '+77011234567', 'email': 'A@example.org'}
    """
    for name, value in given.items():
        if len(value.strip()) > LONGEST[name]:
            raise InputError(f"{name}: {LONGEST[name]} characters at most")
    return {name: _one(name, _tidy(name, value), country) for name, value in given.items()}


def read_where_possible(given: dict[str, str], country: str) -> dict[str, str]:
    """The same for data that come in by themselves: what cannot be read is kept as it came.

    >>> read_where_possible({"phone": "ask at the desk", "language": "tlh"}, "KZ")
    {'phone': 'ask at the desk', 'language': ''}
    """
    found = {}
    for name, value in given.items():
        short = _tidy(name, value)[: LONGEST[name]]
        try:
            found[name] = _one(name, short, country)
        except InputError:
            found[name] = "" if name in ("language", "zone") else short
    return found


def phone_number(text: str, country: str) -> str:
    """A phone number in E.164. InputError: it is none, in this country or with its + prefix."""
    try:
        found = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        found = None
    if found is None or not phonenumbers.is_possible_number(found):
        raise InputError("phone: this is no telephone number; write it with +, such as +7 701 ...")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def mail_address(text: str) -> str:
    """An e-mail address, tidied; nobody is asked whether it exists. InputError: it is none."""
    try:
        return str(validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError:
        raise InputError("email: this is no e-mail address, such as name@example.org") from None


def _tidy(name: str, value: str) -> str:
    """Single blanks; a postal address keeps its lines."""
    lines = value.splitlines() if name == "postal" else [value]
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _one(name: str, value: str, country: str) -> str:
    if not value:
        return ""
    if name == "phone":
        return phone_number(value, country)
    if name == "postal" and value.count("\n") >= _LINES:
        raise InputError(
            f"postal: {_LINES} lines at most, or they do not fit the envelope's window"
        )
    if name == "email":
        return mail_address(value)
    if name == "zone":
        return zone_named(value).key
    if name == "language":
        tag = value.replace("_", "-").partition("-")[0].lower()
        if tag not in LANGUAGES:
            raise InputError(f"language: {value!r} is none of {', '.join(LANGUAGES)}")
        return tag
    return value
