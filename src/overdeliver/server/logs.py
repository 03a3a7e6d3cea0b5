"""Logs that hold no personal data: addresses and tokens are blanked, whoever wrote them."""

import json
import logging
import re
from datetime import UTC, datetime

_PERSONAL = (
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "<mail>"),
    (re.compile(r"\+?\d[\d ()-]{8,}\d"), "<number>"),
    (re.compile(r"(/s/|/go/|token=|key=)[\w-]{16,}"), r"\1<token>"),
)


def impersonal(text: str) -> str:
    """The text without mail addresses, long numbers and tokens.

    >>> impersonal("no answer from anna@example.org for /s/3f9d8c7b6a5f4e3d2c1b")
    'no answer from <mail> for /s/<token>'
    """
    for pattern, blank in _PERSONAL:
        text = pattern.sub(blank, text)
    return text


class Impersonal(logging.Filter):
    """Blanks what is personal in every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always passes the record on."""
        record.msg, record.args = impersonal(record.getMessage()), ()
        return True


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record: when, how bad, where, what."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = impersonal(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)
