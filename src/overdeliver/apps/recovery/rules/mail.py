"""A mail that comes in, as a complaint: who writes, what he says; automatic answers are none."""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parseaddr
from hashlib import sha256
from html import unescape

import nh3

from overdeliver.apps.recovery.rules.complaint import LONGEST, tidy

_AUTO_SUBJECT = re.compile(
    r"^(auto(matic)?[ -]?(reply|response)|out of (the )?office|автоответ|resposta automática"
    r"|răspuns automat|автоматты жауап|undeliver|delivery status|mail delivery)",
    re.I,
)
_MACHINES = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply")
_BREAKS = re.compile(r"<(br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.I)
_FILES = 4


@dataclass(frozen=True)
class Letter:
    """What a mail says; ``auto``: why it is no complaint of a person, or empty."""

    message_id: str
    sender: str
    name: str
    subject: str
    text: str
    auto: str
    files: tuple[bytes, ...] = ()


def parsed(raw: bytes) -> Letter:
    """A mail as it came over the wire. Whatever it holds, it is read as far as it can be.

    >>> parsed(b"From: Anna <a@example.org>\\nSubject: Lid\\nMessage-ID: <1@x>\\n\\nbroken").text
    'Lid\\n\\nbroken'
    >>> parsed(b"From: a@example.org\\nAuto-Submitted: auto-replied\\n\\nI am away").auto
    'auto_reply'
    """
    message = BytesParser(policy=policy.default).parsebytes(raw)
    name, sender = _sender(message)
    subject = tidy(_header(message, "Subject"))[:300]
    body = tidy(_text(message))
    text = "\n\n".join(part for part in (subject, body) if part)[:LONGEST]
    return Letter(
        message_id=_id(message, raw),
        sender=sender,
        name=tidy(name)[:200],
        subject=subject,
        text=text,
        auto=_auto(message, sender, subject),
        files=_files(message),
    )


def plain_of(html: str) -> str:
    """The text of HTML: no markup, no script, no style, lines where there were lines.

    >>> plain_of("<style>p{}</style><p>One</p><script>alert(1)</script>two &amp; <b>three</b>")
    'One\\ntwo & three'
    """
    lined = _BREAKS.sub(lambda match: f"{match[0]}\n", html)
    return unescape(nh3.clean(lined, tags=set())).strip()


def _auto(message: Message, sender: str, subject: str) -> str:
    """RFC 3834 and what programs send besides."""
    kind = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if kind and kind != "no":
        return "auto_reply"
    if _header(message, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "bulk"
    if any(_header(message, name) for name in ("X-Autoreply", "X-Autorespond", "List-Id")):
        return "bulk"
    if _header(message, "Return-Path").strip() == "<>" or not sender:
        return "no_sender"
    if sender.partition("@")[0].lower() in _MACHINES:
        return "machine"
    return "auto_reply" if _AUTO_SUBJECT.match(subject) else ""


def _header(message: Message, name: str) -> str:
    try:
        return str(message.get(name, "") or "")
    except Exception:  # noqa: BLE001 - the library trips over some broken headers
        return ""


def _sender(message: Message) -> tuple[str, str]:
    name, address = parseaddr(_header(message, "Reply-To") or _header(message, "From"))
    return name, address if "@" in address else ""


def _id(message: Message, raw: bytes) -> str:
    """The Message-ID, or a sum of the mail where it has none."""
    found = "".join(_header(message, "Message-ID").split())
    return found[:250] if found else f"sha256:{sha256(raw).hexdigest()}"


def _text(message: Message) -> str:
    assert isinstance(message, EmailMessage)
    try:
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        text = part.get_content()
    except Exception:  # noqa: BLE001 - an unknown charset, a broken part: the mail itself is kept
        payload = message.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return plain_of(text) if part.get_content_type() == "text/html" else str(text)


def _files(message: Message) -> tuple[bytes, ...]:
    assert isinstance(message, EmailMessage)
    found = []
    try:
        for part in message.iter_attachments():
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and data:
                found.append(data)
    except Exception:  # noqa: BLE001 - a broken part: the mail itself is kept
        return tuple(found[:_FILES])
    return tuple(found[:_FILES])
