"""How the server runs: one table of settings, read from the environment.

How the *business* promises is data (policies), edited on a page; nothing of it stands here. Each
knob ``X`` may also be given as ``X_FILE``, the path of a file that holds it (for secrets).
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from overdeliver.vocabulary.errors import InputError


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("a whole number, such as 4")
    return int(value)


def _yes(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() not in known:
        raise ValueError("yes or no")
    return known[value.lower()]


def _log(value: str) -> str:
    if value not in ("text", "json"):
        raise ValueError("text or json")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("an address such as https://promises.example.org, without a path")
    return value


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@dataclass(frozen=True)
class Knob:
    """One setting: its name, how it is read, its default as text, what it does."""

    name: str
    read: Callable[[str], Any]
    default: str
    doc: str


KNOBS: tuple[Knob, ...] = (
    Knob("OVERDELIVER_DATA", _text, "overdeliver-data", "Folder of database, files and secret."),
    Knob(
        "OVERDELIVER_DATABASE_URL",
        _text,
        "",
        "postgresql://user:password@host:5432/name; empty: SQLite in the data folder.",
    ),
    Knob(
        "OVERDELIVER_ERASURES",
        _text,
        "",
        "File that notes who was erased, best on another disk; empty: erased.jsonl in the folder.",
    ),
    Knob("OVERDELIVER_SECRET_KEY", _text, "", "Signs sessions; empty: made once and kept."),
    Knob(
        "OVERDELIVER_SECRET_KEY_BEFORE",
        _text,
        "",
        "The signing secret before this one: what it signed is still good; empty: nothing is.",
    ),
    Knob("OVERDELIVER_URL", _address, "http://127.0.0.1:8000", "The address people use."),
    Knob("OVERDELIVER_HOSTS", _list, "", "Further host names answered to, by comma."),
    Knob("OVERDELIVER_PROXIES", _whole, "0", "Trusted proxies in front: whose headers count."),
    Knob(
        "OVERDELIVER_MAIL_URL",
        _text,
        "",
        "smtp://user:password@host:587?tls=yes; empty: mail stays in the outbox.",
    ),
    Knob(
        "OVERDELIVER_MAIL_RETURNS",
        _text,
        "",
        "name:password with which the mail provider calls /hooks/mail/PROVIDER/; empty: closed.",
    ),
    Knob(
        "OVERDELIVER_MAILBOX_URL",
        _text,
        "",
        "imaps://user:password@host/INBOX: mail there becomes complaints; empty: none is read.",
    ),
    Knob(
        "OVERDELIVER_MAIL_IN",
        _text,
        "",
        "The address whose mail is read here: mail to it unsubscribes; empty: the mailbox's user.",
    ),
    Knob("OVERDELIVER_MAIL_FROM", _text, "overdeliver@localhost", "The sender of mail."),
    Knob("OVERDELIVER_PROCESSES", _whole, "2", "Web processes."),
    Knob("OVERDELIVER_THREADS", _whole, "4", "Threads of each web process."),
    Knob("OVERDELIVER_IMPORT_MEMORY", _whole, "2048", "Megabytes one import may use."),
    Knob("OVERDELIVER_IMPORT_SIZE", _whole, "512", "Megabytes an uploaded file may have."),
    Knob("OVERDELIVER_FETCH_HTTP", _yes, "no", "Webhooks out may also use http and other ports."),
    Knob("OVERDELIVER_FETCH_PRIVATE", _yes, "no", "Webhooks out may reach private addresses."),
    Knob("OVERDELIVER_DEMO", _yes, "no", "Made-up data, sign-in by a local link."),
    Knob("OVERDELIVER_LOG", _log, "text", "text for people, json for machines."),
    Knob("OVERDELIVER_METRICS_TOKEN", _text, "", "Bearer token of /metrics; empty: local only."),
)


def read(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every knob by its name without the prefix, lower case. InputError: one is wrong.

    >>> read({"OVERDELIVER_THREADS": "8"})["threads"]
    8
    """
    given = os.environ if environment is None else environment
    unknown = {
        name
        for name in given
        if name.startswith("OVERDELIVER_")
        and name.removesuffix("_FILE") not in {knob.name for knob in KNOBS}
    }
    if unknown:
        raise InputError(f"{sorted(unknown)[0]}: no such setting; see the reference of settings")
    return {knob.name.removeprefix("OVERDELIVER_").lower(): _value(knob, given) for knob in KNOBS}


def _value(knob: Knob, given: Mapping[str, str]) -> Any:
    text = given.get(knob.name, "").strip()
    if file := given.get(f"{knob.name}_FILE"):
        try:
            text = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise InputError(
                f"{knob.name}_FILE: {file} cannot be read ({error.strerror})"
            ) from None
    try:
        return knob.read(text or knob.default)
    except ValueError as error:
        raise InputError(f"{knob.name}={text!r}: must be {error}") from None


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's settings of a database. InputError: no PostgreSQL address.

    >>> database("", Path("/data"))["NAME"]
    '/data/overdeliver.sqlite3'
    >>> database("postgresql://od:s%40fe@db/shop", Path())["PASSWORD"]
    's@fe'
    """
    if not url:
        return {
            "ENGINE": "overdeliver.server.sqlite",
            "NAME": str(folder / "overdeliver.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA cache_size=-20000; PRAGMA recursive_triggers=ON;"
                # what was erased is overwritten in the file, not only taken out of its lists
                " PRAGMA secure_delete=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise InputError(
            "OVERDELIVER_DATABASE_URL: must look like postgresql://user:password@host:5432/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def secret(given: str, folder: Path) -> str:
    """The signing secret: as given, else kept in the data folder, made at the first start."""
    if given:
        return given
    file = folder / "secret-key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:  # whoever starts first writes it
            with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
                new.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass
    return file.read_text("utf-8").strip()


def mail(url: str) -> dict[str, Any]:
    """Django's settings of mail; without an address messages stay in the outbox.

    >>> mail("smtp://me:pw@mail.example:587?tls=yes")["EMAIL_USE_TLS"]
    True
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise InputError("OVERDELIVER_MAIL_URL: must look like smtp://user:password@host:587")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and "tls=yes" in parts.query,
        "EMAIL_TIMEOUT": 20,
    }
