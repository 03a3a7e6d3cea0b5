"""The mailbox for complaints, asked over IMAP: a mail is kept first and marked as seen then."""

import imaplib
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from overdeliver.apps.recovery.incoming import keep_mail
from overdeliver.vocabulary.errors import InputError, LimitExceeded

TIMEOUT, AT_ONCE = 20.0, 20


@dataclass(frozen=True)
class Mailbox:
    """Where mail is fetched from."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    secure: bool


def mailbox(address: str) -> Mailbox:
    """A mailbox from its address, such as ``imaps://user:password@host/INBOX``.

    InputError: it is no such address.

    >>> mailbox("imaps://me:pw@mail.example/Complaints").folder
    'Complaints'
    """
    parts = urlsplit(address)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise InputError("must look like imaps://user:password@host/INBOX")
    secure = parts.scheme == "imaps"
    return Mailbox(
        parts.hostname,
        parts.port or (993 if secure else 143),
        unquote(parts.username),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
        secure,
    )


def fetch(box: Mailbox) -> int:
    """Take in what is new, at most twenty at once; returns how many.

    Only after a mail is kept is it marked as seen: whatever breaks in between, it comes again, and
    its Message-ID makes it one. OSError, imaplib.IMAP4.error: the mailbox cannot be reached.
    """
    with _opened(box) as server:
        server.login(box.user, box.password)
        status, _ = server.select(f'"{box.folder}"')
        if status != "OK":
            raise imaplib.IMAP4.error("there is no such folder")
        _, found = server.uid("SEARCH", "UNSEEN")
        numbers = (found[0] or b"").split()[:AT_ONCE]
        return sum(_take(server, number.decode()) for number in numbers)


def _opened(box: Mailbox) -> imaplib.IMAP4:
    if not box.secure:
        return imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=TIMEOUT)


def _take(server: imaplib.IMAP4, number: str) -> int:
    _, parts = server.uid("FETCH", number, "(BODY.PEEK[])")
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if raw is None:
        return 0
    try:
        new = keep_mail(raw)
    except LimitExceeded:
        new = False  # it stays in the mailbox, seen: a person can read it there
    server.uid("STORE", number, "+FLAGS", r"(\Seen)")
    return int(new)
