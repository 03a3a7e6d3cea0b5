"""The page's texts: complete in every language, with the same places to fill in."""

import re
import string
from importlib.resources import files
from pathlib import Path

import pytest
from babel import Locale

from overdeliver.audit.page.words import LANGUAGES, Text, Words, check_language, texts
from overdeliver.vocabulary.errors import InputError

CASES = ("shift.", "than.", "span.")  # declined units, only where a language declines them
REMARKS = ("because.", "reason.", "warning.")  # their code comes from where the remark is made
FORMS = {
    "en": {"one", "other"},
    "pt": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "ro": {"one", "few", "other"},
    "kk": {"one", "other"},
}
OTHERS = [language for language in LANGUAGES if language != "en"]


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    there = {key for key in texts(language) if not key.startswith(CASES)}
    assert there == set(texts("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fills_in_what_the_english_one_does(language: str) -> None:
    for key, text in texts(language).items():
        source = texts("en").get(key) or texts("en")[f"unit.{key.partition('.')[2]}"]
        for form in forms(text):
            assert places(form) == places(forms(source)[0]), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_every_form_of_the_language(language: str) -> None:
    for key, text in texts(language).items():
        english = texts("en").get(key)
        assert isinstance(text, str) == isinstance(english or {}, str), (language, key)
        if not isinstance(text, str):
            assert set(text) == FORMS[language], (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_left_in_english(language: str) -> None:
    same = {"page.made_by", "page.period", "picture.bar", "gap.range", "unit.other"}
    same |= {"instead.how_model", "instead.worst_group", "gap.or_more", "instead.verdict"}
    for key, text in texts(language).items():
        assert all(form.strip() for form in forms(text)), (language, key)
        if language != "en" and key not in same and len(forms(text)[0]) > 12:
            assert forms(text) != forms(texts("en").get(key, "")), (language, key)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_cyrillic_texts_hold_no_latin_look_alikes(language: str) -> None:
    mixed = re.compile("[а-яёәғқңөұүһі][a-z]|[a-z][а-яёәғқңөұүһі]", re.IGNORECASE)
    for key, text in texts(language).items():
        for form in forms(text):
            assert not mixed.search(re.sub("{.*?}", " ", form)), (language, key)


def test_kazakh_letters_are_there() -> None:
    letters = "".join("".join(forms(text)) for text in texts("kk").values()).lower()
    assert set("әғқңөұүі") <= set(letters)


def test_every_text_is_used() -> None:
    """A key is named in the code or in a template, whole or up to the part filled in there."""
    root = files("overdeliver.audit") / "page"
    folders = (root, root / "templates")
    code = "".join(
        item.read_text(encoding="utf-8")
        for folder in folders
        for item in folder.iterdir()
        if item.name.endswith((".py", ".j2"))
    )
    named = set(re.findall(r'"([a-z_]+\.[a-z_0-9.]+)"', code))
    starts = (*re.findall(r'f"([a-z_]+\.[a-z_]*)\{', code), "unit.")
    unused = [
        key
        for key in texts("en")
        if key not in named and not key.startswith(starts) and not key.endswith(".heading")
        if not key.startswith(REMARKS)
    ]
    assert unused == []


def sources() -> str:
    """The program's own code, in which a remark's code is given where the remark is made."""
    root = Path(str(files("overdeliver")))
    return "".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))


def test_every_remark_has_words_and_every_word_a_remark() -> None:
    code = sources()
    told = {key.partition(".")[2] for key in texts("en") if key.startswith(REMARKS)}
    assert {one for one in told if f'"{one}"' not in code} == set()
    made = set(re.findall(r'Notice\(\s*"(\w+)"', code))
    # The ratchet is told by the page itself, columns left out are told with their reasons.
    spoken = {key.partition(".")[2] for key in texts("en") if key.startswith("warning.")}
    assert made - spoken == {"ratchet", "columns_left_out"}


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("ru", 1, "1 день"), ("ru", 2, "2 дня"), ("ru", 5, "5 дней"), ("ru", 21, "21 день"),
        ("ro", 1, "1 zi"), ("ro", 2, "2 zile"), ("ro", 20, "20 de zile"), ("ro", 101, "101 zile"),
        ("pt", 1, "1 dia"), ("pt", 2, "2 dias"), ("kk", 5, "5 күн"), ("en", 1, "1 day"),
    ],
)  # fmt: skip
def test_numerals_agree_with_their_noun(language: str, count: int, expected: str) -> None:
    assert Words(language)("unit.days", count=count, n=count) == expected


def test_values_are_escaped_and_texts_are_not() -> None:
    said = Words("en")("picture.bar", span="<b>", n="{x}")
    assert said == "&lt;b&gt;: {x}"


def test_languages_are_known_to_the_number_formats() -> None:
    assert all(Locale(language).language == language for language in LANGUAGES)


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'tlh'.*en, pt, ru, ro, kk"):
        check_language("tlh")
