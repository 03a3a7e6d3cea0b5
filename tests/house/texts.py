"""The texts of the chapters and where they are asked for, read without running anything."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from overdeliver.audit.page.words import Text, flat

#: Text that people see and that is nobody's language.
NAMES = frozenset({"overdeliver", "·", "–", "×", "JSON", "CSV", "order:…"})
#: A page that must not need anything, not even words.
STATIC = frozenset({"400.html", "500.html"})
_SEEN = ("aria-label", "title", "alt", "placeholder", "data-confirm", "data-copied", "label")
_TAG = re.compile(r'\{%-?\s*(?:plain_)?word\s+"([^"]+)"([^%]*)%\}')
_ADDED = re.compile(r'"([a-z_]+(?:\.[a-z0-9_]+)*[._])"\s*\|add:')
_CODE = ("script", "style", "code", "pre", "textarea")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Asked:
    """A text asked for by its key: where, and what is filled in (None: cannot be read)."""

    where: str
    key: str
    given: frozenset[str] | None


def chapters(apps: Path) -> list[str]:
    """The chapters that have words."""
    return sorted(folder.parent.name for folder in apps.glob("*/words"))


@lru_cache
def texts(apps: Path, chapter: str, language: str) -> Mapping[str, Text]:
    """The texts of a chapter by the key without its chapter; empty where there is no file."""
    path = apps / chapter / "words" / f"{language}.toml"
    return flat(tomllib.loads(path.read_text("utf-8"))) if path.exists() else {}


def forms(text: Text) -> list[str]:
    """The text, or each of its plural forms."""
    return [text] if isinstance(text, str) else list(text.values())


def places(text: Text) -> frozenset[str]:
    """What is filled into a text."""
    parsed = (part for form in forms(text) for part in string.Formatter().parse(form))
    return frozenset(name for _, name, _, _ in parsed if name)


def templates(apps: Path) -> list[Path]:
    """Every template of the chapters."""
    return sorted(p for p in apps.glob("*/templates/**/*") if p.suffix in (".html", ".txt"))


def asked_in_template(path: Path) -> Iterator[Asked]:
    """The words of a template, with what each is given."""
    for key, rest in _TAG.findall(path.read_text("utf-8")):
        yield Asked(str(path), key, frozenset(re.findall(r"\b(\w+)=", rest)))


def begun_in_template(path: Path) -> list[str]:
    """Keys of which a template says the beginning: ``"people.role."|add:row.role``."""
    return _ADDED.findall(path.read_text("utf-8"))


def asked_in_code(path: Path) -> Iterator[Asked]:
    """The words that a module asks for by `word` and `word_in` with a key written out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        place = {"word": 0, "word_in": 1}.get(name)
        if place is None or len(node.args) <= place:
            continue
        named = [keyword.arg for keyword in node.keywords]
        given = None if None in named else frozenset(filter(None, named))
        for key in _written_out(node.args[place]):
            yield Asked(f"{path}:{node.lineno}", key, given)


def _written_out(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _written_out(node.body) + _written_out(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def begun_in_code(path: Path) -> Iterator[str]:
    """Keys whose beginning a module says: ``word(f"promises.line.{key}")``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id != "word" or not node.args:
                continue
            first = node.args[0]
            if isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield str(first.values[0].value)


class _Visible(HTMLParser):
    """Collects what a reader would see of a template whose tags have been taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _CODE
        self.found += [value for name, value in attrs if name in _SEEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in _CODE

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def unspoken(path: Path) -> list[str]:
    """Visible text of a template that is not a word of any language file."""
    if path.name in STATIC:
        return []
    text = re.sub(
        r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", path.read_text("utf-8"), flags=re.S
    )
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    if path.suffix == ".txt":
        return [line for line in text.splitlines() if _LETTER.search(line)]
    reader = _Visible()
    reader.feed(text)
    reader.close()
    words = (word.strip(".,:;()[]") for part in reader.found for word in part.split())
    return [word for word in words if _LETTER.search(word) and word not in NAMES]
