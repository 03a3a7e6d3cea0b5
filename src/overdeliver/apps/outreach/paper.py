"""Letters as PDF: what people wrote is data to the setting program, never its language."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.logo import logo as chosen_logo
from overdeliver.apps.look.numbers import day
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.letters import LetterPolicy
from overdeliver.apps.outreach.typesetting import set_pdf
from overdeliver.vocabulary.moments import zone_named

_LETTER = Path(__file__).parent / "letters" / "letter.typ"
_POINTS, _LARGE = 11, 16


def pdf(letters: Sequence[Message], at: datetime, *, proof: bool = False) -> bytes:
    """One document of all these letters, each beginning on a page of its own (PDF/UA-1).

    A4, for window envelopes (DIN 5008, form B); each in its own language and dated ``at`` by the
    business's clocks. ``proof``: marked as not to be posted.
    """
    policy, here = business.policy(LetterPolicy), business.business()
    name = here.name if here else ""
    data = {
        "title": str(word("outreach.letters.title")),
        "author": name,
        "logo": logo.on_paper(70, 14) if (logo := chosen_logo()) else None,
        "sender": [name, *policy.sender],
        "signed": policy.signed,
        "size": _LARGE if policy.large_print else _POINTS,
        "proof": str(word("outreach.letters.proof")) if proof else "",
        "letters": [_letter(one, at) for one in letters],
    }
    return set_pdf(_LETTER, data)


def _letter(row: Message, at: datetime) -> dict[str, Any]:
    with translation.override(row.language or "en"):
        there = timezone.localtime(at, zone_named(business.zone()))
        written = str(day(there.date(), "dated"))
    parts = re.split(r"\n\s*\n", row.text.strip())
    return {
        "language": row.language or "en",
        "address": row.address.splitlines(),
        "date": written,
        "subject": row.subject,
        "paragraphs": [part.strip("\n").splitlines() for part in parts if part.strip()],
    }
