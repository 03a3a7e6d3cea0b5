"""The business's logo: on public pages, mails and letters.

Kept in the database, so that a backup holds it. The one before is kept as well, to take a change
back.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import typst
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from overdeliver.apps.business import events, models, reads
from overdeliver.apps.business.pictures import measured
from overdeliver.apps.journal.actions import record
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import InputError, LimitExceeded, NotFound

#: Bytes and pixels a side: every mail carries the picture.
LARGEST, LONGEST = 100_000, 2_000
_SMALLEST = 16
_DOTS = 10  # a mm on paper; fewer look coarse
_TRIAL = b"#set page(width: auto, height: auto)\n#image(bytes(json(bytes(sys.inputs.data))))"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Logo:
    """A picture: its kind (png, jpeg), its bytes, width and height in pixels."""

    name: str
    kind: str
    data: bytes
    width: int
    height: int

    def within(self, width: int, height: int) -> tuple[int, int]:
        """The largest size of the same shape within so many pixels; never larger than it is.

        >>> Logo("", "png", b"", 600, 100).within(240, 48)
        (240, 40)
        """
        scale = min(width / self.width, height / self.height, 1)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def on_paper(self, width: int, height: int) -> dict[str, Any]:
        """For a typst text: the bytes and the width in mm, within so many mm at 10 dots a mm."""
        dots, _ = self.within(width * _DOTS, height * _DOTS)
        return {"data": list(self.data), "width": dots / _DOTS}


def logo() -> Logo | None:
    """The logo in use, if there is one."""
    here = reads.business()
    row = models.Logo.objects.filter(name=here.logo).first() if here and here.logo else None
    return Logo(row.name, row.kind, bytes(row.data), row.width, row.height) if row else None


def keep_logo(data: bytes) -> None:
    """Use this picture from now on.

    InputError: no PNG or JPEG, broken, too small or too large in pixels. LimitExceeded: in bytes.
    NotFound: there is no business yet.
    """
    if len(data) > LARGEST:
        raise LimitExceeded(word("business.logo.heavy", n=LARGEST // 1000))
    told = measured(data)
    if told is None:
        raise InputError(word("business.logo.kind"))
    kind, width, height = told
    if max(width, height) > LONGEST or min(width, height) < _SMALLEST:
        said = word("business.logo.size", least=_SMALLEST, most=LONGEST, w=width, h=height)
        raise InputError(said)
    _try_it(data)
    name = hashlib.sha256(data).hexdigest()[:32]
    with transaction.atomic():
        models.Logo.objects.get_or_create(
            name=name, defaults={"kind": kind, "data": data, "width": width, "height": height}
        )
        before = use_logo(name)
        models.Logo.objects.exclude(name__in=[name, before]).delete()


def use_logo(name: str) -> str:
    """Use a picture that was kept, or none; returns the name of the one used before.

    NotFound: there is no business yet, or no such picture.
    """
    with transaction.atomic():
        row = models.Business.objects.select_for_update().first()
        if row is None:
            raise NotFound("business: it has not been set up yet")
        if name and not models.Logo.objects.filter(name=name).exists():
            raise NotFound("logo: this picture is not kept any more")
        before = row.logo
        if before != name:
            models.Business.objects.filter(pk=row.pk).update(logo=name)
            reads.changed()
            record(events.BusinessChanged(subject="business:profile", fields=("logo",)))
    return before


@needs(PUBLIC)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """`/logo/NAME`: the picture in use; its name changes with it, so it may be kept for long."""
    found = logo()
    if found is None or found.name != name:
        raise Http404
    response = HttpResponse(found.data, content_type=f"image/{found.kind}")
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _try_it(data: bytes) -> None:
    """A picture that cannot be set would stop every letter."""
    try:
        typst.compile(_TRIAL, sys_inputs={"data": json.dumps(list(data))}, ignore_system_fonts=True)
    except typst.TypstError:
        raise InputError(word("business.logo.broken")) from None
