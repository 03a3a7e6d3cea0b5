"""The texts of messages: what may be filled in, the built-in ones, the business's own."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from overdeliver.apps.outreach.models import Template
from overdeliver.apps.outreach.rules.telling import languages
from overdeliver.vocabulary.errors import NotFound

TONGUES = ("en", "pt", "ru", "ro", "kk")
_COMMON = ("greeting", "business.name")


@dataclass(frozen=True)
class Kind:
    """A kind of message: its name, its purpose, what may be filled in, where its texts stand.

    ``links`` are those fields that hold addresses of ours; ``folder`` holds ``<language>.toml``
    with a table ``[name]`` of subject and text, and ``[sample]`` values for the preview.
    """

    name: str
    purpose: str
    fields: tuple[str, ...]
    links: tuple[str, ...]
    folder: Path

    @property
    def all_fields(self) -> tuple[str, ...]:
        """The kind's own fields and those every message has."""
        return (*_COMMON, *self.fields)


@dataclass(frozen=True)
class Wording:
    """A text in one language; version 0 is the built-in one."""

    name: str
    language: str
    subject: str
    text: str
    version: int = 0


_HERE = Path(__file__).parent / "letters"
_ORDER = ("order.reference", "order.link", "promise.words")
_KINDS: dict[str, Kind] = {}


def declare(
    name: str,
    purpose: str,
    fields: tuple[str, ...],
    *,
    links: tuple[str, ...] = (),
    folder: Path = _HERE,
) -> Kind:
    """Make a kind of message known; chapters above do so in their ``listeners``."""
    _KINDS[name] = Kind(name, purpose, fields, links, folder)
    return _KINDS[name]


declare("promise_made", "service", _ORDER, links=("order.link",))
declare("promise_revised", "service", (*_ORDER, "promise.before"), links=("order.link",))
declare("promise_broken", "service", (*_ORDER, "order.next"), links=("order.link",))
declare("status_link", "service", ("order.reference", "order.link"), links=("order.link",))
_LINK = ("link.place", "link.works_for")
declare("staff_invitation", "staff", _LINK, links=("link.place",))
declare("staff_password", "staff", _LINK, links=("link.place",))
_OFF = ("endpoint.host", "endpoint.why", "endpoint.link")
declare("endpoint_off", "staff", _OFF, links=("endpoint.link",))


def kinds() -> list[Kind]:
    """Every kind of message, in the order they were declared."""
    return list(_KINDS.values())


def kind(name: str) -> Kind:
    """One kind. NotFound: none of that name."""
    if name not in _KINDS:
        raise NotFound(f"template {name!r}: there is none of that name")
    return _KINDS[name]


def built_in(name: str, language: str) -> Wording | None:
    """The text that comes with the program, or None in a language that has none."""
    found = _texts(kind(name).folder, language).get(name)
    return Wording(name, language, found["subject"], found["text"].strip()) if found else None


def wording(name: str, language: str) -> Wording | None:
    """The text of exactly this language: the business's own, else the built-in one."""
    row = Template.objects.filter(name=name, language=language).first()
    if row is not None:
        return Wording(name, language, row.subject, row.text, row.version)
    return built_in(name, language)


def own_languages(name: str) -> list[str]:
    """The languages in which the business has its own text of a kind."""
    rows = Template.objects.filter(name=name).order_by("language")
    return list(rows.values_list("language", flat=True))


def chosen(name: str, own: str, here: str) -> Wording:
    """The text for a reader of the language ``own`` at a business of the language ``here``.

    NotFound: no such kind, or no language has a text.
    """
    for language in languages(own, here):
        if found := wording(name, language):
            return found
    raise NotFound(f"template {name!r}: it has no text in any language")


def samples(name: str, language: str) -> Mapping[str, str]:
    """Values to show a text with."""
    given = _texts(kind(name).folder, language if language in TONGUES else "en").get("sample", {})
    english = _texts(kind(name).folder, "en").get("sample", {})
    both = {**english, **given}
    return {field: both.get(field.replace(".", "_"), field) for field in kind(name).all_fields}


@lru_cache(maxsize=32)
def _texts(folder: Path, language: str) -> dict[str, dict[str, str]]:
    file = folder / f"{language}.toml"
    if language not in TONGUES or not file.is_file():
        return {}
    return tomllib.loads(file.read_text("utf-8"))
