"""No silent wrong letters: the right text, or one question that shows the readings."""

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overdeliver.tables.encodings import CANDIDATES, decode_to_utf8, find_encoding
from overdeliver.tables.sources import open_source
from overdeliver.vocabulary.errors import InputError, UnreadableFile

RUSSIAN = "имя;город\nПривет;Алматы\nЗаказ опоздал на день;Шымкент\n"
KAZAKH = "аты;қала\nТапсырыс кешікті;Өскемен\nҮш күн күттім, әбден;Қызылорда\n"
PORTUGUESE = "nome;situação\nJoão;entrega atrasada três dias, péssimo\nInês;não chegou\n"
ROMANIAN = "nume;stare\nȘtefan;întârziere, livrare după două săptămâni\nIoniță;lipsă\n"
#: As the code pages before Unicode spelled it.
CEDILLA = ROMANIAN.translate(str.maketrans("ȘșȚț", "ŞşŢţ"))
TEXTS = {"ru": RUSSIAN, "kk": KAZAKH, "pt": PORTUGUESE, "ro": ROMANIAN, "ro cedilla": CEDILLA}
WROTE = [
    *(("ru", e) for e in ("cp1251", "koi8_r", "cp866", "kz1048", "ptcp154")),
    *(("kk", e) for e in ("kz1048", "ptcp154")),
    *(("pt", e) for e in ("cp1252", "latin-1", "iso8859_15")),
    ("ro", "iso8859_16"),
    ("ro cedilla", "cp1250"),
    *((t, e) for t in TEXTS for e in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
]


def saved(folder: Path, content: bytes) -> Path:
    """The bytes as a file."""
    path = folder / "orders.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("language", "encoding"), WROTE)
def test_never_the_wrong_letters(tmp_path: Path, language: str, encoding: str) -> None:
    path = saved(tmp_path, TEXTS[language].encode(encoding))
    try:
        found = find_encoding(path)
    except UnreadableFile as question:
        said = str(question)
        assert "\n" not in said
        assert "orders.csv line " in said
        assert "--encoding" in said
        assert not encoding.startswith("utf")
    else:
        assert path.read_bytes().decode(found).lstrip("\ufeff") == TEXTS[language]


@pytest.mark.parametrize(("language", "encoding"), WROTE)
def test_the_encoding_asked_for_is_used(tmp_path: Path, language: str, encoding: str) -> None:
    path = saved(tmp_path, TEXTS[language].encode(encoding))
    decode_to_utf8(path, tmp_path / "plain.csv", find_encoding(path, encoding))
    assert (tmp_path / "plain.csv").read_text("utf-8").lstrip("\ufeff") == TEXTS[language]


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_without_a_mark(tmp_path: Path, order: str) -> None:
    path = saved(tmp_path, PORTUGUESE.encode(f"utf-16-{order}"))
    assert find_encoding(path) == f"utf-16-{order}"
    assert open_source(path).table.columns == ("line", "nome", "situação")


def test_the_question_shows_each_reading(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        find_encoding(saved(tmp_path, KAZAKH.encode("kz1048")))
    said = str(caught.value)
    assert "kz1048 \u201cТапсырыс кешікті;Өскемен\u201d" in said
    assert "cp1251 \u201cТапсырыс кешікті;Ґскемен\u201d" in said


def test_agreeing_readings_need_no_question(tmp_path: Path) -> None:
    """A sign all plausible encodings share is taken; the letters beside it decide the rest."""
    path = saved(tmp_path, "a;b\n«x»;1\n".encode("cp1252"))
    try:
        assert path.read_bytes().decode(find_encoding(path)) == "a;b\n«x»;1\n"
    except UnreadableFile as question:
        assert "\u201c«x»;1\u201d" in str(question)


def test_bytes_of_no_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"line 3: byte 0xE9 is not UTF-8 although other"):
        find_encoding(saved(tmp_path, "a;b\nação péssima;1\n".encode() + b"\xe9;2\n"))


def test_wrong_encoding_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, b"a;b\n1;2\ncaf\xe9;3\n")
    with pytest.raises(UnreadableFile, match=r"orders.csv line 3: byte 0xE9 .* as utf-8"):
        open_source(path, encoding="utf8")
    with pytest.raises(InputError, match="'klingon' is not known"):
        open_source(path, encoding="klingon")
    assert open_source(path, encoding="latin-1").rows_read == 2


def test_a_cut_off_letter_at_the_end(tmp_path: Path) -> None:
    path = saved(tmp_path, "a;b\nçãé;õ\nçç;".encode() + b"\xc3")
    with pytest.raises(UnreadableFile, match="line 3: byte 0xC3"):
        find_encoding(path)


def test_half_a_utf16_file(tmp_path: Path) -> None:
    path = saved(tmp_path, codecs.BOM_UTF16_LE + "a;b\n1;2".encode("utf-16-le") + b"\x31")
    with pytest.raises(UnreadableFile, match="cannot be read as utf-16"):
        open_source(path)


def test_no_temporary_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    open_source(saved(tmp_path, RUSSIAN.encode("utf-16")))
    assert not [path for path in scratch.iterdir() if path.name != "overdeliver-duckdb"]


letters = st.sampled_from("абвгдежзиклмнопрстуәғқңөұүhіãáâçéíóõúăâîșț")
words = st.lists(st.text(letters, min_size=2, max_size=8), min_size=1, max_size=10)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=words, encoding=st.sampled_from(CANDIDATES))
def test_whatever_the_words(tmp_path: Path, words: list[str], encoding: str) -> None:
    """Right or asked, even for words no language has."""
    try:
        content = "a;b\n{};1\n".format(" ".join(words)).encode(encoding)
    except UnicodeEncodeError:
        return
    path = saved(tmp_path, content)
    try:
        found = find_encoding(path)
    except UnreadableFile as question:
        assert "--encoding" in str(question)
    else:
        cyrillic = any("\u0400" <= c <= "\u052f" for word in words for c in word)
        latin = any(c.isascii() or "\u00c0" <= c <= "\u024f" for word in words for c in word)
        if not (cyrillic and latin):  # words of two scripts are not words
            assert content.decode(found) == content.decode(encoding)
