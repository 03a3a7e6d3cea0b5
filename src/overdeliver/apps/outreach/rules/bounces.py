"""Mail that comes back: what a delivery report says, and what follows from it.

A report is hostile input (CVE-2021-27910 was a script in one): its codes are read, its text is
looked at for the words that say "nobody of that name" and never kept. It counts only where it
quotes the Message-ID of a mail that was sent.
"""

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from typing import Literal

What = Literal["hard", "soft", "complaint", "other"]

SOFT_LIMIT = 5
SOFT_WITHIN = timedelta(days=30)
SOFT_REST = timedelta(days=14)

#: An enhanced status code; four numbers are an address of the network.
_STATUS = re.compile(r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.ASCII)
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,150}@[^<>\s]{1,150}>")
#: What says that nobody is there: bad mailbox, system or syntax, moved, no mail taken (RFC 3463,
#: 7505), disabled; 5.4.x as Exchange Online and Postfix say it of addresses and domains. All else
#: is of the moment, of the message, or of us, however permanent its first digit: full, too large,
#: expired, misconfigured, a rule of the server, a list of senders we stand on (5.7.x).
_NOBODY = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.1", "4.4", "4.310"}
#: What some servers say of everything; then their words decide.
_UNSAID = {"0.0", "1.0", "2.0", "3.0", "5.0", "7.1"}
_GONE = re.compile(
    r"(no such|unknown|invalid|non-?existent|no) (user|mailbox|recipient|account|address)\b"
    r"|\b(user|mailbox|recipient|account)\b[^.;\n]{0,60}?"
    r"(unknown|not found|does not exist|doesn't (exist|have)|unavailable|inactive|disabled)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b55[0-4]\b")
_OF_US = re.compile(r"sender|spam|spf|dkim|dmarc|policy|block|reputation|\bquota|full\b", re.I)
#: Where a report without a machine's part begins to quote the mail itself.
_QUOTE = re.compile(r"(?im)^(-+ ?(below this line|this is a copy|original)|return-path:|received:)")
_AUTOMATIC = ("auto-replied", "auto-generated", "auto-notified")


@dataclass(frozen=True)
class Report:
    """What a mail says about one of ours: about which (by Message-ID), and whom."""

    what: What
    message_ids: tuple[str, ...] = ()
    recipient: str = ""


def rests_until(soft: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when an address rests that could not be reached at these moments; None: it does not.

    Five within 30 days let it rest for 14 days after the last.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 31, tzinfo=UTC)
    >>> days = [now - timedelta(days=n) for n in (1, 3, 5, 20, 29)]
    >>> rests_until(days, now).day, rests_until(days[1:], now)
    (13, None)
    """
    ordered = sorted(soft)
    for last in range(len(ordered) - 1, SOFT_LIMIT - 2, -1):
        if ordered[last] - ordered[last - SOFT_LIMIT + 1] <= SOFT_WITHIN:
            until = ordered[last] + SOFT_REST
            return until if until > now else None
    return None


def class_of(status: str, words: str = "") -> What:
    """Hard, soft or other, by an enhanced status code (RFC 3463); what is in doubt is soft.

    ``words``: what the server said with it; it counts where the code says nothing.

    >>> [class_of(code) for code in ("5.1.1", "5.2.2", "4.2.0", "2.0.0", "5.7.1", "")]
    ['hard', 'soft', 'soft', 'other', 'soft', 'other']
    >>> [class_of("5.0.0", said) for said in ("550 user unknown", "550 5.7.1 looks like spam")]
    ['hard', 'soft']
    """
    found = _STATUS.search(status)
    if found is None or found[1] == "2":
        return "other"
    detail = f"{int(found[2])}.{int(found[3])}"
    if found[1] == "4" or detail not in _UNSAID:
        return "hard" if found[1] == "5" and detail in _NOBODY else "soft"
    nearer = _STATUS.search(words)
    if nearer and nearer[0] != found[0]:
        return class_of(nearer[0], words)
    return "hard" if _GONE.search(words) and not _OF_US.search(words) else "soft"


def read_report(raw: bytes) -> Report:
    """What a mail says about mails of ours; ``other`` for anything that is no report.

    Delivery reports (RFC 3464) and complaints (RFC 5965), however broken; raises nothing.
    """
    try:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        return _report(mail)
    except (ValueError, LookupError, AttributeError, TypeError, IndexError, RecursionError):
        return Report("other")


def is_automatic(raw: bytes) -> bool:
    """Whether no person wrote a mail: replies from holidays, lists, machines (RFC 3834)."""
    try:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        auto = str(mail.get("Auto-Submitted", "no")).strip().lower()
        bulk = str(mail.get("Precedence", "")).strip().lower()
        return (
            auto.startswith(_AUTOMATIC)
            or bulk in ("bulk", "junk", "list", "auto_reply")
            or "X-Autoreply" in mail
            or "X-Auto-Response-Suppress" in mail
            or "List-Id" in mail
            or str(mail.get("Return-Path", "")).strip() == "<>"
        )
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return False


def _report(mail: EmailMessage | Message) -> Report:
    kind = str(mail.get_param("report-type", "") or "").lower()
    parts = list(mail.walk())
    quoted = _quoted(parts)
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return Report("complaint", quoted)
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            what, recipient = _delivery(part, _said(parts))
            return Report(what, quoted, recipient)
    if kind == "delivery-status" or _from_a_daemon(mail):
        return Report(_by_words(parts), quoted)
    return Report("other", quoted)


def _delivery(part: Message, said: str) -> tuple[What, str]:
    for group in _inner(part):
        if "Action" not in group and "Status" not in group:
            continue
        action = str(group.get("Action", "")).strip().lower()
        recipient = str(group.get("Final-Recipient", "")).partition(";")[2].strip()
        if action in ("delayed", "relayed", "delivered", "expanded"):
            return "other" if action != "delayed" else "soft", recipient
        words = str(group.get("Diagnostic-Code", "")) or said
        return _class_in(str(group.get("Status", "")), words), recipient
    return "soft", ""


def _quoted(parts: Sequence[Message]) -> tuple[str, ...]:
    """The Message-IDs of the mails it speaks of, not its own."""
    found: list[str] = []
    for part in parts[1:]:
        if part.get_content_type() == "message/rfc822":
            found += [str(head.get("Message-ID", "")) for head in _inner(part)]
        elif part.get_content_type() == "text/rfc822-headers":
            found += _MESSAGE_ID.findall(_text(part))
        elif part.get_content_maintype() == "text":
            found += _after_its_name(_text(part))
    if len(parts) == 1 and parts[0].get_content_maintype() == "text":
        found += _after_its_name(_text(parts[0]))
    head = parts[0]
    found += _MESSAGE_ID.findall(f"{head.get('In-Reply-To', '')} {head.get('References', '')}")
    clean = (match[0] for one in found if (match := _MESSAGE_ID.search(one)))
    return tuple(dict.fromkeys(clean))


def _inner(part: Message) -> list[Message]:
    blocks = part.get_payload()
    return [one for one in blocks if isinstance(one, Message)] if isinstance(blocks, list) else []


def _after_its_name(text: str) -> list[str]:
    return re.findall(r"(?im)^[>\s]*message-id:\s*(<[^<>\s]{3,300}>)", text)


def _from_a_daemon(mail: Message) -> bool:
    sender = str(mail.get("From", "")).lower()
    return "mailer-daemon" in sender or "postmaster" in sender


def _by_words(parts: Sequence[Message]) -> What:
    """A report without a machine's part: by a code in its text; without one it is soft."""
    said = _said(parts)
    return _class_in(said, said)


def _class_in(status: str, words: str) -> What:
    """By the code; where there is none, by the words that came with a refusal for good."""
    code = next((one for one in (status, words) if _STATUS.search(one)), "")
    if not code and _REFUSED.search(words):
        code = "5.0.0"
    what = class_of(code, words)
    return "soft" if what == "other" else what


def _said(parts: Sequence[Message]) -> str:
    """What a report says in words, without the mail it quotes."""
    texts = (_text(part) for part in parts if part.get_content_type() == "text/plain")
    return _QUOTE.split(next((text for text in texts if text.strip()), ""), maxsplit=1)[0]


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return raw[:100_000].decode("utf-8", "replace") if isinstance(raw, bytes) else ""
