"""`overdeliver paths` from the outside: what is shown, what is written, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overdeliver.cli.paths import paths_command
from overdeliver.vocabulary.errors import InputError

LOG = """case,activity,at
1,placed,2026-07-01 09:00
1,sent,2026-07-02 09:00
1,sent,2026-07-02 09:05
2,placed,2026-07-03 09:00
2,[red]\x1b[31mlost[/],2026-07-05 09:00
3,placed,never
"""

XES = (
    '<log><trace><string key="concept:name" value="7"/><event>'
    '<string key="concept:name" value="placed"/>'
    '<date key="time:timestamp" value="2026-07-01T09:00:00Z"/></event><event/></trace></log>'
)


def run(*words: Any) -> Any:
    app = typer.Typer()
    app.command()(paths_command)
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def test_the_figures_are_shown(log: Path) -> None:
    shown = run(log)
    assert shown.exit_code == 0, shown.output
    for words in ("2 journeys, 5 events, 2 different ways", "1 of 6 events were left out",
                  "placed > sent > sent", "1.0 days", "5.0 minutes", "50.0%"):  # fmt: skip
        assert words in shown.output


def test_names_from_a_file_cannot_dress_up_the_terminal(log: Path) -> None:
    assert "[red]?[31mlost[/]" in run(log).output


def test_the_same_figures_as_json(log: Path, tmp_path: Path) -> None:
    assert run(log, "--json", tmp_path / "out.json", "--top", 1).exit_code == 0
    figures = json.loads((tmp_path / "out.json").read_text())
    assert figures["schema"] == "overdeliver.paths/1"
    assert figures["rows"] == {"read": 6, "used": 5, "rejected": 1}
    assert {way["cases"] for way in figures["variants"]} == {1}
    assert figures["rework"] == [{"activity": "sent", "cases": 1, "repeats": 1}]
    assert figures["starts"] == {"placed": 2}


def test_events_rejected_by_the_reader_are_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "log.xes").write_text(XES)
    shown = run(tmp_path / "log.xes", "--json", tmp_path / "out.json")
    assert "1 of 2 events were left out" in shown.output
    assert "line 1: the event has no name" in shown.output
    assert json.loads((tmp_path / "out.json").read_text())["rejects"][0]["line"] == 1


def test_a_log_without_a_usable_event_shows_no_durations(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case,activity,at\n1,placed,\n")
    shown = run(tmp_path / "log.csv", "--at", "at")
    assert shown.output.startswith("0 journeys, 0 events")
    assert "half of them" not in shown.output


def test_what_is_wrong_is_an_input_error(log: Path, tmp_path: Path) -> None:
    for words in ((log, "--case", "who"), (tmp_path / "none.csv",),
                  (log, "--json", tmp_path / "none" / "out.json")):  # fmt: skip
        assert isinstance(run(*words).exception, InputError)
