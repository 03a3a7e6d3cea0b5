"""Texts with merge fields: ``{{ customer.name }}``, and nothing else. No engine, nothing that runs.

A text is checked when it is saved, so that filling it in cannot fail; what is filled in is one
line of plain text; HTML is made from the filled text, so nothing filled in can be markup.
"""

import re
from collections.abc import Collection, Mapping
from html import escape

from overdeliver.vocabulary.errors import InputError

_FIELD = re.compile(r"\{\{\s*([a-z_]+(?:\.[a-z_]+)*)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_LONGEST = 500


def fields_of(text: str) -> set[str]:
    """The fields a text names.

    >>> sorted(fields_of("{{ greeting }} {{order.link}} {{ x }}"))
    ['greeting', 'order.link', 'x']
    """
    return set(_FIELD.findall(text))


def check(text: str, known: Collection[str]) -> str:
    """The text itself. InputError: it names a field that is not known, or braces that are none.

    >>> check("{{ settings.SECRET_KEY }}", {"greeting"})
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.InputError: {{ settings.SECRET_KEY }}: ...
    """
    rest = _FIELD.sub("", text)
    for name in sorted(fields_of(text) - set(known)):
        raise InputError(
            f"{{{{ {name} }}}}: there is no such field here; use {', '.join(sorted(known))}"
        )
    if found := _BRACES.search(rest):
        part = rest[found.start() : found.start() + 30].split("\n")[0]
        known_ones = ", ".join(sorted(known))
        raise InputError(f"{part}: this is no field; write {{{{ name }}}}, with {known_ones}")
    return text


def fill(text: str, values: Mapping[str, str], links: Collection[str] = ()) -> str:
    """The text with its fields filled in once; what stands in a value is never looked at again.

    Each value becomes one line of at most 500 characters; only the fields named in ``links`` may
    hold an address that mail programs open. KeyError: a value is missing.

    >>> fill("Hello {{ name }}", {"name": "Anna\\r\\nBcc: x@y http://evil"})
    'Hello Anna Bcc: x@y http: //evil'
    """
    return _FIELD.sub(lambda match: _value(match[1], values[match[1]], match[1] in links), text)


def one_line(text: str) -> str:
    """A text without line breaks and control characters, for a subject or a header.

    >>> one_line("a\\r\\nBcc: b")
    'a Bcc: b'
    """
    return " ".join(_CONTROL.sub(" ", text).split())


def html_of(text: str, own: str) -> str:
    """Simple HTML of a filled text: paragraphs, line breaks, links to our own address ``own``.

    >>> html_of("Hi <b>\\n\\nhttps://shop.example/s/1", "https://shop.example")
    '<p>Hi &lt;b&gt;</p>\\n<p><a href="https://shop.example/s/1">https://shop.example/s/1</a></p>'
    """
    parts = [part.strip("\n") for part in re.split(r"\n\s*\n", text.strip())]
    return "\n".join(f"<p>{_paragraph(part, own)}</p>" for part in parts if part)


def _paragraph(part: str, own: str) -> str:
    made, last = [], 0
    for match in _ADDRESS.finditer(part):
        address = match[0].rstrip(".,;:!?)")
        if address == own or address.startswith(f"{own}/"):
            made.append(_escaped(part[last : match.start()]))
            made.append(f'<a href="{escape(address)}">{escape(address)}</a>')
            last = match.start() + len(address)
    made.append(_escaped(part[last:]))
    return "".join(made)


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _value(name: str, value: str, link: bool) -> str:
    plain = one_line(value)[:_LONGEST]
    return plain if link else plain.replace("://", ": //")
