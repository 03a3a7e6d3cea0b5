"""What every template owes: no inline script or style, forms with their token, tables for keys."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "overdeliver" / "apps").glob("*/templates/**/*.html"))


def wrongs(text: str) -> list[str]:
    """What is wrong with a template, in so many words."""
    found = [f"{name} attribute" for name in re.findall(r"<[^>]*\s(style|on[a-z]+)=", text)]
    found += [
        "script without a source"
        for attributes in re.findall(r"<script([^>]*)>", text)
        if "src=" not in attributes
    ]
    found += ["style element" for _ in re.findall(r"<style\b", text)]
    found += [
        "a form without its token"
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.S | re.I)
        if "csrf_token" not in form
    ]
    found += [
        "a scrolling table that keys cannot reach"
        for attributes in re.findall(r"<div class=\"scroll\"([^>]*)>", _without_tags(text))
        if "tabindex" not in attributes or "aria-label" not in attributes
    ]
    found += [
        "a picture without words"
        for attributes in re.findall(r"<img([^>]*)>", _without_tags(text))
        if "alt=" not in attributes
    ]
    found += ["a head cell without a scope" for _ in re.findall(r"<th>|<th class=\"\w+\">", text)]
    found += ["text that is not escaped" for _ in re.findall(r"\|safe\b|autoescape off", text)]
    return found


def _without_tags(text: str) -> str:
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_owes_nothing(path: Path) -> None:
    assert wrongs(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color:red">x</p>',
        '<button onclick="go()">x</button>',
        "<script>go()</script>",
        "<style>p{}</style>",
        '<form method="post"><button>x</button></form>',
        '<div class="scroll"><table></table></div>',
        '<img src="x.png">',
        "<tr><th>x</th></tr>",
        "{{ name|safe }}",
    ],
)
def test_each_of_these_is_found(planted: str) -> None:
    assert len(wrongs(planted)) == 1
