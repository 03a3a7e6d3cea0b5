"""A toy house: the real laws over a tree of a few empty files, to show that each law can fail."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    "vocabulary",
    "data",
    "tables",
    "measure",
    "learn",
    "simulate",
    "audit",
    "apps",
    "server",
    "cli",
]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def toy(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Build the toy house with these files planted; answers its source folder."""

    def build(planted: dict[str, str]) -> Path:
        source = tmp_path / "src"
        for floor in FLOORS:
            write(source / "overdeliver" / floor / "__init__.py", f'"""The floor {floor}."""\n')
        write(source / "overdeliver" / "__init__.py", '"""A toy."""\n\n__version__ = "0"\n')
        for name, text in planted.items():
            path = source / "overdeliver" / name
            for folder in path.relative_to(source).parents:
                if folder.name and not (source / folder / "__init__.py").exists():
                    write(source / folder / "__init__.py", '"""Toy."""\n')
            write(path, text)
        return source

    return build


def write(path: Path, text: str) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def lint(root: Path) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Run the import laws over a source folder."""

    def run(source: Path) -> subprocess.CompletedProcess[str]:
        shutil.copy(root / ".importlinter", source.parent)
        return subprocess.run(
            [
                sys.executable,
                "-c",
                "from importlinter.cli import lint_imports_command as c; c()",
                "--no-cache",
                "--no-logo",
            ],
            cwd=source.parent,
            env={"PYTHONPATH": str(source), "PATH": "", "COLUMNS": "300"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
