"""Mail: made so that nothing filled in can become a header, sent over one connection a sweep."""

import re
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.mime.image import MIMEImage
from email.utils import formataddr
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import BadHeaderError
from django.utils import translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.logo import Logo
from overdeliver.apps.business.logo import logo as chosen_logo
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import saying
from overdeliver.apps.outreach.carriers import Parcel, carries, unsubscribe_link
from overdeliver.apps.outreach.rules.answers import SENT, Outcome, of_mail
from overdeliver.apps.outreach.rules.filling import html_of, one_line
from overdeliver.apps.outreach.unsubscribing import mailto

#: Messages nobody has to have: they carry a way to say no, or do not go.
ASKING = ("asking", "marketing", "stories")
_PLACE = re.compile(r"\{(subject|language|business|words|foot)\}")
_SILENT = (smtplib.SMTPServerDisconnected, OSError)


class Mail(EmailMultiAlternatives):
    """A mail of text and page; a picture belongs to the page and is no attachment."""

    mixed_subtype = "related"


class Post:
    """A connection to the mail server, opened when it is needed and kept for the next message."""

    def __init__(self) -> None:
        self.line: Any = get_connection(fail_silently=False)
        self.handed_over = False  # the last message, down to its last dot

    def ready(self) -> None:
        """Open, or known to be alive. OSError, SMTPException: there is no server."""
        inner = getattr(self.line, "connection", None)
        if inner is not None:
            try:
                if inner.noop()[0] == 250:
                    return
            except (smtplib.SMTPException, OSError):
                pass
            self.drop()
        self.line.open()
        if greet := getattr(getattr(self.line, "connection", None), "ehlo_or_helo_if_needed", None):
            greet()  # a server silent here is in trouble itself, whatever the message

    def drop(self) -> None:
        """Hang up without a word: the other side may have gone."""
        inner, self.line.connection = getattr(self.line, "connection", None), None
        if inner is not None:
            inner.close()

    def send(self, message: EmailMultiAlternatives) -> None:
        """One message; what goes wrong is raised."""
        message.connection = self.line
        self.handed_over = False
        self._notice_the_dot()
        message.send(fail_silently=False)

    def _notice_the_dot(self) -> None:
        """Who falls silent after the last dot may have taken the message; before it, he has not."""
        inner = getattr(self.line, "connection", None)
        if inner is None or "send" in vars(inner):
            return
        plain = inner.send

        def send(data: bytes | str) -> None:
            plain(data)
            self.handed_over = isinstance(data, bytes) and data.endswith(b"\r\n.\r\n")

        inner.send = send


@contextmanager
def post() -> Iterator[Post]:
    """A connection for a sweep, closed at its end."""
    made = Post()
    try:
        yield made
    finally:
        try:
            made.line.close()
        except (smtplib.SMTPException, OSError):
            made.drop()


def send(parcel: Parcel, by: Post) -> Outcome:
    """Send one mail; says what came of it."""
    unsubscribe = unsubscribe_link(parcel.customer, parcel.purpose)
    if parcel.purpose in ASKING and not unsubscribe:
        return Outcome("held", "no_unsubscribe")
    try:
        message = made(parcel, unsubscribe)
    except (BadHeaderError, UnicodeError, ValueError):
        return Outcome("failed", "not_a_mail")
    try:
        by.ready()
    except smtplib.SMTPAuthenticationError:
        return Outcome("again", "mail_sign_in", asked=300.0, down=True)
    except (smtplib.SMTPException, OSError):
        return Outcome("again", "mail_unreachable", down=True)
    outcome = _sent(message, by)
    if outcome.reason == "mail_silent" and by.handed_over and parcel.attempt > 1:
        return Outcome("unknown", "mail_silent")  # taken twice perhaps: a person looks
    return outcome


@carries("mail")
def carry(parcel: Parcel) -> Outcome:
    """Send one mail over a connection of its own."""
    with post() as by:
        return send(parcel, by)


def made(parcel: Parcel, unsubscribe: str = "") -> EmailMultiAlternatives:
    """The mail as it goes out: text and simple HTML of the same words.

    BadHeaderError, UnicodeError, ValueError: it cannot be one.
    """
    headers = {"Message-ID": parcel.message_id, "Auto-Submitted": "auto-generated"}
    if unsubscribe:
        ways = [unsubscribe, mailto(parcel.customer, parcel.purpose)]
        headers["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in ways if way)
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    foot, logo = foot_of(parcel, unsubscribe), chosen_logo()
    message = Mail(
        subject=one_line(parcel.subject),
        body="\n\n".join([parcel.text.rstrip(), *(["\n".join(["-- ", *foot])] if foot else [])]),
        from_email=sender(),
        to=[parcel.address],
        headers=headers,
    )
    message.attach_alternative(page_of(parcel, foot, logo), "text/html")
    if logo:
        message.attach(_inline(logo))
    message.message()  # headers are looked at here, before anybody is called
    return message


def foot_of(parcel: Parcel, unsubscribe: str) -> list[str]:
    """The lines below a mail in its reader's language: why it came, and where to choose."""
    lines = []
    with translation.override(parcel.language or "en"):
        if because := saying.because(parcel.because):
            lines.append(str(word("outreach.mail.why", because=because).unescape()))
        if unsubscribe:
            lines.append(f"{word('outreach.mail.choose')}: {unsubscribe}")
    return lines


def page_of(parcel: Parcel, foot: Sequence[str], logo: Logo | None = None) -> str:
    """The same words in HTML, within the frame that was made from `letters/mail.mjml`."""
    here, own = business.business(), settings.PUBLIC_URL
    places = {
        "subject": escape(one_line(parcel.subject)),
        "language": escape(parcel.language or "en"),
        "business": _head(escape(one_line(here.name)), logo) if here else "",
        "words": html_of(parcel.text, own),
        "foot": "<br>".join(_linked(line, own) for line in foot),
    }
    # all at once: what is filled in is not looked at again
    return _PLACE.sub(lambda place: places[place[1]], _frame())


def _head(name: str, logo: Logo | None) -> str:
    """The business above a mail: its logo, which comes with the mail and loads nothing."""
    if logo is None:
        return name
    width, height = logo.within(240, 48)
    return (
        f'<img src="cid:{logo.name}" alt="{name}" width="{width}" height="{height}" '
        f'style="display:block;width:{width}px;background:#ffffff;padding:4px;border-radius:4px">'
    )


def _inline(logo: Logo) -> MIMEImage:
    made = MIMEImage(logo.data, logo.kind)
    made["Content-ID"] = f"<{logo.name}>"
    made["Content-Disposition"] = f'inline; filename="logo.{logo.kind}"'
    return made


def _linked(line: str, own: str) -> str:
    """A line of the foot; one that ends in an address of ours becomes a link by its words."""
    words, _, address = line.partition(": ")
    if address.startswith(f"{own}/") and " " not in address:
        return f'<a href="{escape(address)}">{escape(words)}</a>'
    return html_of(line, own)[3:-4]


@lru_cache
def _frame() -> str:
    return (Path(__file__).parent / "letters" / "mail.html").read_text("utf-8")


def sender() -> str:
    """From whom: the business's name with the address of the settings."""
    here = business.business()
    given = settings.KNOBS["mail_from"]
    if here is None or "<" in given:
        return str(given)
    return formataddr((one_line(here.name), given))


def _sent(message: EmailMultiAlternatives, by: Post) -> Outcome:
    try:
        by.send(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return of_mail(code, _text(text))
    except smtplib.SMTPResponseException as error:
        by.drop()
        return of_mail(error.smtp_code, _text(error.smtp_error))
    except UnicodeError:
        return Outcome("failed", "not_a_mail")
    except _SILENT:
        by.drop()
        return Outcome("again", "mail_silent")
    except smtplib.SMTPException:
        by.drop()
        return Outcome("again", "mail_refused")
    return SENT


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
