"""Every text a person reads: in five languages, complete, filled in, nowhere but in its file."""

import re
from pathlib import Path

import pytest

from overdeliver.audit.page.words import LANGUAGES
from tests.house import texts

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "src" / "overdeliver" / "apps"
CHAPTERS = texts.chapters(APPS)
MODULES = [
    path
    for folder in (APPS, APPS.parent / "server")
    for path in sorted(folder.rglob("*.py"))
    if "migrations" not in path.parts
]
TEMPLATES = [*texts.templates(APPS), *(APPS.parent / "server").glob("templates/**/*.html")]
#: The plural forms that whole numbers and fractions below a million need, as in CLDR.
FORMS = {
    "en": {"one", "other"},
    "pt": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "ro": {"one", "few", "other"},
    "kk": {"one", "other"},
}
ROUND_MILLIONS = {"pt": {"many"}}  # "um milhão de dias": may be said, need not
OTHERS = [language for language in LANGUAGES if language != "en"]
EVERY = [(chapter, language) for chapter in CHAPTERS for language in OTHERS]


def test_there_are_chapters_and_templates_to_look_at() -> None:
    assert {"look", "promises", "people", "business", "desk"} <= set(CHAPTERS)
    assert len(TEMPLATES) > 40 and len(MODULES) > 80


@pytest.mark.parametrize(("chapter", "language"), EVERY)
def test_a_chapter_says_the_same_things_in_every_language(chapter: str, language: str) -> None:
    english, other = texts.texts(APPS, chapter, "en"), texts.texts(APPS, chapter, language)
    assert set(english) == set(other)
    unlike = [
        key
        for key, text in english.items()
        if texts.places(text) != texts.places(other[key])
        or isinstance(text, str) != isinstance(other[key], str)
    ]
    assert unlike == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_plural_forms_are_those_of_the_language(chapter: str, language: str) -> None:
    counted = {
        key: set(text)
        for key, text in texts.texts(APPS, chapter, language).items()
        if not isinstance(text, str)
    }
    needed, also = FORMS[language], ROUND_MILLIONS.get(language, set())
    assert {key: found for key, found in counted.items() if found - also != needed} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_text_is_empty_and_markup_is_closed(chapter: str, language: str) -> None:
    for key, text in texts.texts(APPS, chapter, language).items():
        for form in texts.forms(text):
            assert form.strip(), key
            opened = re.findall(r"<(\w+)", form)
            assert opened == re.findall(r"</(\w+)>", form)[::-1], (key, form)


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_word_mixes_alphabets(chapter: str, language: str) -> None:
    """A Latin `a` in a Cyrillic word looks right and is found by no search."""
    mixed = re.compile(r"[a-zA-Z][а-яёәғқңөұүһі]|[а-яёәғқңөұүһі][a-zA-Z]", re.I)
    for key, text in texts.texts(APPS, chapter, language).items():
        for form in texts.forms(text):
            plain = re.sub(r"<[^>]*>|\{[^}]*\}|\\n", " ", form)
            assert not mixed.search(plain), (key, form)


def test_every_text_asked_for_is_there_with_everything_it_needs() -> None:
    wrong = []
    asked = [one for path in TEMPLATES for one in texts.asked_in_template(path)]
    asked += [one for path in MODULES for one in texts.asked_in_code(path)]
    for one in asked:
        chapter, _, rest = one.key.partition(".")
        text = texts.texts(APPS, chapter, "en").get(rest)
        if text is None:
            wrong.append(f"{one.where}: there is no word {one.key}")
        elif one.given is not None and (lacking := texts.places(text) - one.given):
            wrong.append(f"{one.where}: {one.key} is not given {sorted(lacking)}")
        elif one.given is not None and not isinstance(text, str) and "count" not in one.given:
            wrong.append(f"{one.where}: {one.key} counts, and is given no count")
    assert wrong == []
    assert len(asked) > 500


def test_every_key_begun_can_be_finished() -> None:
    begun = [key for path in TEMPLATES for key in texts.begun_in_template(path)]
    begun += [key for path in MODULES for key in texts.begun_in_code(path)]
    known = [f"{chapter}.{key}" for chapter in CHAPTERS for key in texts.texts(APPS, chapter, "en")]
    assert [key for key in begun if not any(one.startswith(key) for one in known)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_shows_no_text_of_its_own(path: Path) -> None:
    assert texts.unspoken(path) == []


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ('<p>{% word "a.b" %}</p>', []),
        ("<p>{{ name }} · overdeliver</p>", []),
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ('<a aria-label="Close it">{% word "a.b" %}</a>', ["Close", "it"]),
        ('<a aria-label="{% word "a.b" %}" class="big">x</a>', ["x"]),
        ("{# a remark #}<script>var a = 1;</script>", []),
    ],
)
def test_the_scanner_sees_what_a_reader_sees(tmp_path: Path, planted: str, seen: list[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(planted, "utf-8")
    assert texts.unspoken(page) == seen


def test_a_word_given_too_little_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('word("a.b", n=1)\nword("c.d" if x else "e.f", **values)\nword(key)\n')
    found = [(one.key, one.given) for one in texts.asked_in_code(module)]
    assert found == [("a.b", frozenset({"n"})), ("c.d", None), ("e.f", None)]


@pytest.mark.parametrize("path", sorted(APPS.glob("*/events.py")), ids=lambda p: p.parent.name)
def test_every_event_has_a_name_for_people(path: Path) -> None:
    """The journal shows `promises.promise_made` as the word `promises.event.promise_made`."""
    chapter = path.parent.name
    classes = re.findall(r"^class (\w+)\(Event\)", path.read_text("utf-8"), re.M)
    names = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in classes]
    known = texts.texts(APPS, chapter, "en")
    if known:
        assert [name for name in names if f"event.{name}" not in known] == []
