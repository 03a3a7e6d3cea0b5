"""What the documents show is true: their code runs, their links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from overdeliver.audit.schema import schema
from tests.docs.blocks import agree, blocks_of, commands_of, run_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if "generated" not in page.parts
)
RUN = [
    pytest.param(page, marks=pytest.mark.spark if "Engine.SPARK" in page.read_text("utf-8") else ())
    for page in PAGES
    if any(block.language in ("python", "console") for block in blocks_of(page.read_text("utf-8")))
]
#: Languages of blocks that are shown and never run here.
SHOWN_ONLY = {"sh", "bash", "js", "php", "ini", "html", "json", "nginx"}
SHOWN = re.compile(
    r"^(\./od |pip install|overdeliver |uv pip compile|export |\s+--|\S*\.ci/run)|^\s*#|^$"
    # calls of a server, with what is filled in by the reader
    r"|^(curl |ask|git clone |docker compose |[A-Z_]+=)|^\s+(-H|-d|-F|'|\")"
)


def name_of(page: Path) -> str:
    """The page as it is called in a report."""
    return str(page.relative_to(ROOT))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment in which `overdeliver` is this checkout's, and an empty folder to stand in."""
    commands = tmp_path / "bin"
    commands.mkdir()
    script = commands / "overdeliver"
    script.write_text(f"#!{sys.executable}\nfrom overdeliver.cli.main import run\nrun()\n")
    script.chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_the_code_of_a_page_runs(page: Path, program: dict[str, str]) -> None:
    if "Engine.SPARK" not in page.read_text("utf-8"):
        assert run_page(page, Path.cwd(), program) > 0
        return
    # A session of Spark belongs to its process, and another test's may be running in this one.
    code = (
        "import os, sys; from pathlib import Path; from tests.docs.blocks import run_page; "
        "assert run_page(Path(sys.argv[1]), Path.cwd(), dict(os.environ)) > 0"
    )
    path = os.pathsep.join([program["PYTHONPATH"], str(ROOT)])
    alone = {**program, "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", code, str(page)], env=alone, check=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target and "generated/" not in target:
            assert (page.parent / target).exists(), f"{name_of(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_block_says_what_it_is_and_only_known_commands_are_not_run(page: Path) -> None:
    for block in blocks_of(page.read_text("utf-8")):
        assert block.language in {"python", "console", "text", *SHOWN_ONLY}
        if block.language in {"sh", "bash"}:
            for line in block.text.splitlines():
                assert SHOWN.match(line), f"{name_of(page)}:{block.line}: {line}"


def test_the_readme_is_short_and_has_its_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) < 200
    assert "./od audit" in readme
    assert "./od test" in readme


def test_a_page_that_lies_is_found(tmp_path: Path, program: dict[str, str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(2)\n```\n\n```text\n1\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:1"):
        run_page(page, tmp_path, program)
    page.write_text("```console\n$ echo one; false\n```\n")
    with pytest.raises(AssertionError, match="echo one"):
        run_page(page, tmp_path, program)
    page.write_text("```console\n$ echo one\ntwo\n```\n")
    with pytest.raises(AssertionError, match="one"):
        run_page(page, tmp_path, program)


def test_blocks_are_read_as_written() -> None:
    blocks = blocks_of("```python\nx = 1\n```\n\n```text\n1\n```\ntext\n```sh\n./od test\n```\n")
    assert [(block.language, block.line, block.printed) for block in blocks] == [
        ("python", 1, "1\n"),
        ("sh", 9, None),
    ]
    assert list(commands_of("$ a\n1\n$ b\n")) == [("a", "1\n"), ("b", "")]
    assert agree("one ... three\n", "one two three\n")


def test_every_field_of_the_report_is_explained() -> None:
    page = (ROOT / "docs/reference/report.md").read_text("utf-8").split("## The schema")[0]
    missing = [name for name in schema()["properties"] if f"`{name}`" not in page]
    assert missing == []
