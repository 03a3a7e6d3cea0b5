"""A form out of a policy's fields: their types say how each is typed and read."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from overdeliver.apps.business.fields import Field, Form, plain_number, read_number
from overdeliver.apps.business.rules import Policy, chapter_of
from overdeliver.apps.look.words import has_word, word
from overdeliver.vocabulary.errors import InputError


def policy_words(kind: type[Policy], part: str) -> str:
    """What a policy (part ``title`` or ``about``) or a field of it is called.

    The words stand in its own chapter as ``policy.<kind>.<part>``, else in this one's; a field
    nobody has named is called by its name.
    """
    for chapter in (chapter_of(kind), "business"):
        key = f"{chapter}.policy.{kind.kind}.{part}"
        if has_word(key):
            return str(word(key))
    if part == "about" or part.endswith("_hint"):
        return ""
    return kind.kind.replace("_", " ") if part == "title" else part.replace("_", " ")


def policy_form(policy: Policy) -> Form:
    """The form of a policy, filled with what is in force, and a field for the reason."""
    kind = type(policy)
    made = [
        _field(kind, one.name, getattr(policy, one.name))
        for one in fields(policy)
        if one.name != "version"
    ]
    return Form(*made, Field("note", word("business.policy_page.note")))


def read_policy(form: Form, kind: type[Policy]) -> Policy | None:
    """The policy as typed; None: something is wrong, and the form says what."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for one in fields(kind):
        if one.name != "version":
            values[one.name] = _read(form, one.name, hints[one.name], getattr(kind(), one.name))
    if not form.right:
        return None
    try:
        return kind(**values)
    except InputError as error:
        form.refuse(error)
    except (TypeError, ValueError):
        form.error = str(word("business.policy_page.wrong"))
    return None


def shown_value(value: Any) -> str:
    """A value of a policy in one line, for the history."""
    if isinstance(value, bool):
        return str(word("look.action.yes" if value else "look.action.no"))
    if isinstance(value, list | tuple):
        return ", ".join(shown_value(one) for one in value) or "–"
    if isinstance(value, Mapping):
        return "; ".join(_lines(value)) or "–"
    if isinstance(value, int | float):
        return plain_number(value)
    return "–" if value in (None, "") else str(value)


def _field(kind: type[Policy], name: str, value: Any) -> Field:
    label, hint = policy_words(kind, name), policy_words(kind, f"{name}_hint")
    if isinstance(value, bool):
        return Field(name, label, "check", "yes" if value else "", hint)
    if isinstance(value, int | float):
        return Field(name, label, "number", plain_number(value), hint)
    if isinstance(value, tuple | list):
        lines = "\n".join(shown_value(one) for one in value)
        return Field(name, label, "textarea", lines, hint or word("business.policy_page.a_line"))
    if isinstance(value, Mapping):
        lines = "\n".join(_lines(value))
        return Field(name, label, "textarea", lines, hint or word("business.policy_page.pairs"))
    number = value is None
    return Field(name, label, "number" if number else "text", "" if number else str(value), hint)


def _read(form: Form, name: str, hint: Any, default: Any) -> Any:
    text = form.text(name)
    if isinstance(default, bool):
        return form.flag(name)
    if isinstance(default, int | float) or ("float" in str(hint) and default is None):
        found = form.number(name)
        if found is None:
            return default if not text else found
        return int(found) if isinstance(default, int) and found.is_integer() else found
    if isinstance(default, tuple | list):
        parts = [part.strip() for part in re.split(r"[\n,]", text) if part.strip()]
        return tuple(_plain(part, str(hint)) for part in parts)
    if isinstance(default, Mapping):
        return _pairs(form, name, text)
    return text


def _plain(text: str, hint: str) -> Any:
    if "float" not in hint and "int" not in hint:
        return text
    try:
        return read_number(text)
    except ValueError:
        return text


def _lines(value: Mapping[str, Any], prefix: str = "") -> list[str]:
    """``parcel.unit_margin = 12``: a table of tables in lines."""
    lines: list[str] = []
    for key, one in value.items():
        if isinstance(one, Mapping):
            lines += _lines(one, f"{prefix}{key}.")
        else:
            lines.append(f"{prefix}{key} = {shown_value(one)}")
    return lines


def _pairs(form: Form, name: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        key, _, value = line.partition("=")
        *path, last = [part.strip() for part in key.split(".")]
        try:
            number = read_number(value.strip())
        except ValueError:
            form.wrong(name, word("business.policy_page.no_pair", given=line.strip()))
            continue
        at: Any = found
        for part in path:
            at = at.setdefault(part, {}) if isinstance(at, dict) else None
        if not isinstance(at, dict) or isinstance(at.get(last), dict):  # a number and a table both
            form.wrong(name, word("business.policy_page.no_pair", given=line.strip()))
            continue
        at[last] = number
    return found
