"""The code in the documents: every python and console block of a page, in order, in one folder.

A `console` block holds commands after `$ ` and, below each, what it prints (`...` for anything). A
`text` block right after a `python` block is what that block prints. `sh` and `bash` blocks are
shown and not run: what they need (a clone, an index, a cluster) is not at hand.
"""

import doctest
import re
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)  # {directives} are not code
SAME = doctest.OutputChecker()
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, its line, and the printed text that follows it."""

    language: str
    text: str
    line: int
    printed: str | None = None


def blocks_of(page: str) -> list[Block]:
    """The fenced blocks of a page; a text block that follows python is joined to it."""
    found: list[Block] = []
    end = 0
    for match in FENCE.finditer(page):
        language, text = match.groups()
        follows = page[end : match.start()].strip() == ""
        end = match.end()
        if language == "text" and follows and found and found[-1].language == "python":
            last = found.pop()
            found.append(Block("python", last.text, last.line, text))
            continue
        found.append(Block(language, text, page.count("\n", 0, match.start()) + 1))
    return found


def commands_of(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with what it should print."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    for part in parts[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def agree(wanted: str, got: str) -> bool:
    """Do the texts agree, where ``...`` stands for anything?"""
    return SAME.check_output(wanted, got, LOOSE)


def run_page(path: Path, folder: Path, env: dict[str, str]) -> int:
    """Run the page's blocks in the folder; answers how many were run. AssertionError says where."""
    names: dict[str, object] = {"__name__": "__page__"}
    count = 0
    for block in blocks_of(path.read_text("utf-8")):
        where = f"{path.name}:{block.line}"
        if block.language == "python":
            printed = StringIO()
            with redirect_stdout(printed):
                exec(compile("\n" * block.line + block.text, str(path), "exec"), names)
            if block.printed is not None:
                assert agree(block.printed, printed.getvalue()), f"{where}: {printed.getvalue()}"
            count += 1
        if block.language == "console":
            run_console(block, where, folder, env)
            count += 1
    return count


def run_console(block: Block, where: str, folder: Path, env: dict[str, str]) -> None:
    """Run the commands of a console block and compare what they print."""
    for command, wanted in commands_of(block.text):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{where}: {command}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, f"{where}: {command}\n{done.stderr}"
        if wanted.strip():
            assert agree(wanted, done.stdout), f"{where}: {command}\n{done.stdout}"
