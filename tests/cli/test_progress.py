"""The bar is for people at a terminal, and for nobody else."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from overdeliver.cli.progress import bar

PROBE = """
from overdeliver.cli.progress import bar
with bar() as tell:
    tell("reading", 0.1)
    tell("measuring", 0.7)
print("done")
"""


def on_a_terminal(**extra: str) -> tuple[str, str]:
    """What a probe shows when its error stream is a terminal; its output is a pipe."""
    source = Path(__file__).resolve().parents[2] / "src"
    env = {"PYTHONPATH": str(source), "PATH": os.environ["PATH"], "TERM": "xterm-256color"} | extra
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=env, stdout=subprocess.PIPE, stderr=theirs, check=True
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    return done.stdout.decode(), shown.decode()


def test_a_terminal_shows_what_is_being_done() -> None:
    out, shown = on_a_terminal()
    assert out == "done\n"
    assert "measuring" in shown and "\x1b[3" in shown


def test_no_colour_where_none_is_wanted() -> None:
    out, shown = on_a_terminal(NO_COLOR="1")
    assert out == "done\n" and "measuring" in shown
    assert "\x1b[3" not in shown and "\x1b[38" not in shown


def test_a_pipe_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with bar() as tell:
        assert tell is None
    assert capfd.readouterr() == ("", "")
