"""The short answer on the terminal says what the page says."""

import io
import json
import sys
from pathlib import Path

import pytest

from overdeliver.audit.write import check_writable, write_html, write_json
from overdeliver.cli.progress import bar
from overdeliver.cli.summary import show
from overdeliver.vocabulary.errors import InputError

EXAMPLES = Path(__file__).resolve().parents[1] / "audit" / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_report_has_a_short_answer(
    path: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(json.loads(path.read_text(encoding="utf-8")), [Path("page.html")], language)
    said = capsys.readouterr().out
    assert said.endswith("page.html\n")
    assert "None" not in said and "<" not in said


def test_what_to_promise_instead_stands_under_its_column(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = json.loads((EXAMPLES / "full.json").read_text(encoding="utf-8"))
    everyone = report["instead"][0] | {"by": {}}
    show(report | {"instead": [everyone, *report["instead"]]}, [])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    at = next(i for i, line in enumerate(lines) if line.startswith("  orders.csv"))
    assert lines[at + 1].strip() == "customer_state"
    assert lines[at + 2].split()[0] == "SP"


def test_a_bar_is_drawn_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with bar() as tell:
        assert tell is not None
        tell("measuring", 0.7)
    assert "measuring" in shown.getvalue()


def test_a_device_is_written_to_and_not_replaced() -> None:
    device = Path("/dev/null")
    if not device.is_char_device():
        pytest.skip("there is no such device here")
    write_json({"schema": 1}, device)
    assert device.is_char_device()


def test_what_goes_wrong_in_writing_leaves_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        write_json({"schema": 1}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_page_in_no_language_is_refused(tmp_path: Path) -> None:
    report = json.loads((EXAMPLES / "full.json").read_text(encoding="utf-8"))
    with pytest.raises(InputError, match="choose one of"):
        write_html(report, tmp_path / "a.html", "xx")
    with pytest.raises(InputError, match="is a folder"):
        check_writable(tmp_path)
