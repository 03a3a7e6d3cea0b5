"""The pack of an order: what a customer can show at home, as a page and as a PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import segno
from django.conf import settings
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.logo import logo as chosen_logo
from overdeliver.apps.care import materials, saying
from overdeliver.apps.care.models import Material
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import language, word
from overdeliver.apps.outreach.typesetting import set_pdf
from overdeliver.apps.promises import reads as promises
from overdeliver.vocabulary.errors import NotFound
from overdeliver.vocabulary.moments import zone_named

_PAPER = Path(__file__).parent / "letters" / "pack.typ"


@dataclass(frozen=True)
class Pack:
    """What the page says, in the language in force. It names nobody."""

    business: str
    order: str
    service: str
    placed_at: datetime
    promised: str
    next: str
    withdraw: str
    status: str  # the address of the status page
    here: str  # and of the page itself
    materials: Sequence[Material]


def pack(order: promises.OrderCard, token: str) -> Pack:
    """The pack of an order."""
    here = business.business()
    values = saying.values_of(order, token)
    today = timezone.localdate(timezone=zone_named(business.zone()))
    return Pack(
        here.name if here else "",
        order.reference,
        _service(order.service),
        order.placed_at,
        values["care.promised"],
        values["care.next"],
        values["care.withdraw"],
        values["order.link"],
        f"{settings.PUBLIC_URL}/m/{token}/",
        materials.shown(language(), here.language if here else "", order.service, today),
    )


def pdf(found: Pack) -> bytes:
    """The same on paper (PDF/UA-1), with a QR code of the page. What people wrote is data only."""
    data = {
        "language": language(),
        "business": found.business,
        "logo": logo.on_paper(70, 14) if (logo := chosen_logo()) else None,
        "title": str(word("care.share.title")),
        "lead": str(word("care.share.answer", order=found.order).unescape()),
        "facts": _facts(found),
        "sections": [*_sections(found)],
        "materials": [
            {
                "kind": str(word(f"care.kind.{one.kind}")),
                "title": one.title,
                "paragraphs": [part for part in one.text.split("\n\n") if part.strip()],
                "source": one.source,
            }
            for one in found.materials
        ],
        "qr": _qr(found.here),
        "qr_says": str(word("care.share.qr")),
        "here": found.here,
    }
    return set_pdf(_PAPER, data)


def _facts(found: Pack) -> list[list[str]]:
    facts = [
        [str(word("care.share.order")), found.order],
        [str(word("care.share.service")), found.service],
        [str(word("care.share.placed")), numbers.day(found.placed_at)],
    ]
    return [fact for fact in facts if fact[1]]


def _sections(found: Pack) -> list[list[str]]:
    said = [
        [str(word("care.share.promised")), found.promised],
        [str(word("care.share.next")), found.next[:1].upper() + found.next[1:]],
        [str(word("care.share.withdraw")), found.withdraw],
    ]
    return [one for one in said if one[1]]


def _qr(link: str) -> str:
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="svg", border=2, scale=4)
    return out.getvalue().decode()


def _service(slug: str) -> str:
    try:
        return business.service(slug).name if slug else ""
    except NotFound:
        return slug
