"""What people answer about a file, read from the form."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from overdeliver.apps.intake.rules.asking import EXTRAS, FIELDS
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import SECONDS

_RULE = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*$")


def mapping_of(form: QueryDict) -> dict[str, Any]:
    """The fields as mapped on the page: exactly these columns, nothing guessed besides.

    InputError: one column stands for two fields.
    """
    fields = {name: form.get(f"field-{name}", "") for name in FIELDS}
    extras = {name: form.get(f"extra-{name}", "") for name in EXTRAS}
    chosen = {name: column for name, column in fields.items() if column}
    twice = [column for column in chosen.values() if list(chosen.values()).count(column) > 1]
    if twice:
        raise InputError(f"the column {twice[0]!r} was chosen for two fields")
    return {
        "mapping": chosen,
        "exact": True,
        "extras": {name: column for name, column in extras.items() if column},
    }


def answers_of(form: QueryDict) -> dict[str, Any]:
    """The answer to the one question, as far as the form holds one. InputError: it is none."""
    said: dict[str, Any] = {}
    given = {name: str(value).strip() for name, value in form.items()}
    for name in ("lever", "unit", "zone", "date_order", "service"):
        if name in given:
            said[name] = given[name]
    if said.get("service") == "new:":
        if not given.get("new_service"):
            raise InputError("name the new service")
        said["service"] = "new:" + given["new_service"][:200]
    if "classes" in given:
        said["classes"] = [line.strip() for line in given["classes"].splitlines() if line.strip()]
    if rules := rules_of(form):
        said["rules"] = rules
    return said


def rules_of(form: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What was promised per shipping method: method -> amount and unit. InputError: no number."""
    unit = str(form.get("rule-unit", "days"))
    if unit not in SECONDS:
        raise InputError(f"unit {unit!r}: use one of {', '.join(SECONDS)}")
    found: dict[str, list[Any]] = {}
    for name, text in form.items():
        if not name.startswith("rule:") or not str(text).strip():
            continue
        matched = _RULE.match(str(text))
        if matched is None:
            raise InputError(f"{text!r} is no number of {unit}")
        found[name.removeprefix("rule:")] = [float(matched[1].replace(",", ".")), unit]
    return found
