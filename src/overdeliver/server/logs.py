"""Logs that hold no personal data, whoever wrote the line.

Addresses, long numbers and tokens are blanked. A page is named by its route, not by its path, which
may hold a customer's name; an error is named by its kind and where it happened, as its text may
quote what somebody typed.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

#: The number of the request that is being answered; empty outside one.
REQUEST: ContextVar[str] = ContextVar("request", default="")

_PERSONAL = (
    (re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(\.[\w-]+)+"), "<mail>"),
    (re.compile(r"\+?\d[\d ()-]{8,}\d"), "<number>"),
    (re.compile(r"(/s/|/go/|/enter/|/join/|/password/|/t/|token=|key=)[\w-]{16,}"), r"\1<token>"),
    (re.compile(r"\bod_[\w-]{8,}"), "<key>"),
)
#: Errors whose text speaks of the machine, never of people.
_SPEAKING = frozenset({"OperationalError", "InterfaceError", "ImportError", "ModuleNotFoundError"})


def impersonal(text: str) -> str:
    """The text without mail addresses, long numbers and tokens.

    >>> impersonal("no answer from anna@example.org for /s/3f9d8c7b6a5f4e3d2c1b")
    'no answer from <mail> for /s/<token>'
    """
    for pattern, blank in _PERSONAL:
        text = pattern.sub(blank, text)
    return text


def door_of(request: Any) -> str:
    """How a request is named in the log: its method and the route it took, nothing typed."""
    match = getattr(request, "resolver_match", None)
    return f"{request.method} /{match.route}" if match else f"{request.method} no door"


class Impersonal(logging.Filter):
    """Blanks what is personal in every record, and says which request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always passes the record on."""
        request = getattr(record, "request", None)
        if hasattr(request, "method"):
            status = getattr(record, "status_code", "")
            record.msg = f"{door_of(request)} -> {status}".removesuffix(" -> ")
        else:
            record.msg = impersonal(record.getMessage())
        record.args = ()
        record.number = REQUEST.get()
        return True


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record: when, how bad, where, what, for which request."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if number := getattr(record, "number", ""):
            entry["request"] = number
        if record.exc_info and record.exc_info[1] is not None:
            entry |= told_of(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)


class Plain(logging.Formatter):
    """One line for people, and the way to an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Control characters are blanked: a name must not draw on the terminal."""
        at = datetime.fromtimestamp(record.created).isoformat(" ", "seconds")
        said = "".join(sign if sign.isprintable() else " " for sign in record.getMessage())
        line = f"{at} {record.levelname.lower():7} {record.name}: {said}"
        if number := getattr(record, "number", ""):
            line += f" [{number}]"
        if record.exc_info and record.exc_info[1] is not None:
            told = told_of(record.exc_info[1])
            line += "".join(f"\n    {step}" for step in told["where"]) + f"\n    {told['error']}"
        return line


def told_of(error: BaseException) -> dict[str, Any]:
    """An error for the log: its kind, the steps that led to it, its text only where it is safe.

    >>> told_of(ValueError("Anna Petrova"))
    {'error': 'ValueError', 'where': []}
    """
    kind = type(error).__name__
    text = str(error).strip().splitlines()
    if kind in _SPEAKING and text:
        kind = f"{kind}: {impersonal(text[0])}"
    if error.__cause__ is not None:
        kind += f" (from {type(error.__cause__).__name__})"
    return {"error": kind, "where": _steps(error.__traceback__)}


def _steps(trace: TracebackType | None, most: int = 30) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"{f.filename.rpartition('/src/')[2]}:{f.lineno} {f.name}" for f in frames[-most:]]
