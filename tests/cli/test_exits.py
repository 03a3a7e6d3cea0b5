"""Whatever happens, a command ends with its status and at most one line."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from overdeliver.cli.exits import guarded, one_line
from overdeliver.cli.main import main
from overdeliver.vocabulary.errors import InputError, NotEnoughData, UnreadableFile


def fails(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UnreadableFile("orders.csv line 14: no"), 2, "overdeliver: orders.csv line 14: no\n"),
        (InputError("two\nlines"), 2, "overdeliver: two lines\n"),
        (NotEnoughData("seven of twenty"), 1, "overdeliver: seven of twenty\n"),
        (MemoryError(), 1, "overdeliver: the memory of this machine is not enough"),
        (ValueError("odd"), 1, "overdeliver: unexpected ValueError: odd (run with --debug for"),
        (typer.BadParameter("not a number"), 2, "overdeliver: Invalid value: not a number\n"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, ""),
    ],
)
def test_each_end_has_its_status_and_line(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(fails(error)) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said) and err.count("\n") == (1 if said else 0)


def test_the_traceback_is_shown_to_those_who_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(fails(ValueError("odd")), debug=True) == 1
    assert "Traceback" in capsys.readouterr().err


def test_terminal_commands_in_a_message_are_not_obeyed() -> None:
    assert one_line("\x1b[2Jgone\x07" + "x" * 2000) == "?[2Jgone?" + "x" * 988 + "..."


def test_debug_may_stand_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "no-such-file.csv", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert main(["--debug", "audit", "no-such-file.csv"]) == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("args", [[], ["--help"]])
def test_help_names_the_commands(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(command in out for command in ("audit", "paths", "simulate"))


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    from overdeliver import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"overdeliver {__version__}\n"


def test_other_commands_end_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paths", str(tmp_path / "none.csv")]) == 2
    assert main(["simulate", "--out", str(tmp_path), "--business", "circus"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 2 and err.count("overdeliver: ") == 2
