"""What an answer of the other side means: of a mail server, of a webhook's receiver."""

import re
from dataclasses import dataclass
from typing import Literal

What = Literal["sent", "again", "failed", "held", "cancelled", "unknown", "off"]


@dataclass(frozen=True)
class Outcome:
    """What came of a try.

    ``reason`` is a short code of ours; ``asked``: seconds to be left alone; ``down``: the whole way
    out is in trouble, not this message alone; ``address``: the address is dead; ``off``: the
    receiver wants nothing any more.
    """

    what: What
    reason: str = ""
    asked: float = 0.0
    down: bool = False
    address: bool = False


SENT = Outcome("sent")

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
#: Enhanced codes that say: there is nobody of that address.
_NOBODY = {("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10"), ("2", "1")}
_SLOW_DOWN = (429, 502, 504)
_SLOW_SECONDS = 30.0


def of_mail(code: int, text: str) -> Outcome:
    """What a mail server's answer to a message means.

    4xx: again later. 5.1.x: nobody of that address, never again. 5.7.x: we are not trusted; that is
    no fault of the address, and everything after it would fail too. Any other 5xx: given up.

    >>> of_mail(450, "4.2.0 greylisted").what, of_mail(550, "5.1.1 no such user").address
    ('again', True)
    >>> of_mail(550, "5.7.1 blocked").down, of_mail(552, "5.2.2 full").what
    (True, 'failed')
    """
    if code < 500:
        return Outcome("again", f"mail_{code}" if code > 0 else "mail_silent")
    found = _STATUS.search(text)
    detail = (found[2], found[3]) if found else ("", "")
    if detail in _NOBODY:
        return Outcome("failed", "address_unknown", address=True)
    if detail[0] == "7" or code in (530, 534, 535):
        return Outcome("again", "mail_refused", asked=900.0, down=True)
    return Outcome("failed", f"mail_{code}")


def of_webhook(status: int, retry_after: float = 0.0) -> Outcome:
    """What a receiver's answer means: only 2xx is a yes, a redirect is a no.

    >>> of_webhook(204).what, of_webhook(301).reason, of_webhook(410).what
    ('sent', 'http_301', 'off')
    >>> of_webhook(429, 90).asked, of_webhook(502).asked
    (90, 30.0)
    """
    if 200 <= status < 300:
        return SENT
    if status == 410:
        return Outcome("off", "http_410")
    asked = retry_after
    if status in _SLOW_DOWN:
        asked = max(asked, _SLOW_SECONDS)
    return Outcome("again", f"http_{status}", asked=asked, down=True)


def retry_after(value: str | None, seconds_until: float | None = None) -> float:
    """The seconds a ``Retry-After`` asks for; 0 where it is none we understand.

    ``seconds_until``: how far away its date is, where it names one.

    >>> retry_after("120"), retry_after("-5"), retry_after(None), retry_after("1e9")
    (120.0, 0.0, 0.0, 0.0)
    """
    if value is not None and value.strip().isascii() and value.strip().isdecimal():
        return float(value.strip()[:9])
    return max(seconds_until or 0.0, 0.0)
