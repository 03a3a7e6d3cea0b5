"""The door: it installs what is stated, again only when that changes, and says what is missing."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def od(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, standing in an empty checkout with the real versions."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("od", str(root / "od"))
    module = module_from_spec(spec_from_loader("od", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    module.ROOT, module.VENV = tmp_path, tmp_path / ".venv"
    module.PYTHON, module.STAMP = module.VENV / "bin" / "python", module.VENV / "od-installed"
    return module


@pytest.fixture
def ran(od: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands it would run; an environment is made as an empty file."""
    commands: list[list[str]] = []

    def run(command: list) -> int:
        commands.append([str(word) for word in command])
        return 0

    def make(uv: str | None) -> None:
        commands.append(["make"])
        od.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        od.PYTHON.touch()

    monkeypatch.setattr(od, "run", run)
    monkeypatch.setattr(od, "make_environment", make)
    monkeypatch.setattr(od.shutil, "which", lambda name: None)
    return commands


def test_it_installs_once_and_then_only_runs(od: ModuleType, ran: list[list[str]]) -> None:
    assert od.main(["audit"]) == 0
    made, installed, called = ran
    assert made == ["make"]
    assert installed[1:4] == ["-m", "pip", "install"]
    assert str(od.ROOT / "constraints.txt") in installed
    assert called[3:] == ["audit"]
    ran.clear()
    assert od.main(["audit", "orders.csv", "--level", "0.8"]) == 0
    assert [command[3:] for command in ran] == [["audit", "orders.csv", "--level", "0.8"]]


def test_other_constraints_make_a_new_environment(od: ModuleType, ran: list[list[str]]) -> None:
    od.main(["kano"])
    (od.ROOT / "constraints.txt").write_text("numpy==2.4.6\n")
    ran.clear()
    od.main(["kano"])
    assert ran[0] == ["make"]


def test_the_settings_of_the_tools_need_no_new_installation(od: ModuleType) -> None:
    before = od.fingerprint()
    project = od.ROOT / "pyproject.toml"
    project.write_text(project.read_text() + "\n[tool.other]\nx = 1\n# a remark\n")
    assert od.fingerprint() == before
    project.write_text(project.read_text().replace('"numpy>=', '"numpy>'))
    assert od.fingerprint() != before


def test_tests_add_their_tools_to_the_environment(od: ModuleType, ran: list[list[str]]) -> None:
    od.main(["audit"])
    ran.clear()
    od.main(["test", "--fast"])
    assert any(word.startswith("pytest>=") for word in ran[0])
    assert not any(word.startswith("playwright") for word in ran[0])  # there is no Chromium here
    assert ran[1][-1] == "--fast"
    ran.clear()
    od.main(["audit"])
    assert len(ran) == 1  # what is installed is enough


def test_a_failed_installation_is_not_remembered(
    od: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(od, "run", lambda command: 1)
    with pytest.raises(SystemExit, match="installation failed"):
        od.main(["audit"])
    assert not od.STAMP.exists()


def test_where_uv_fails_pip_is_tried(
    od: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(od.shutil, "which", lambda name: "uv" if name == "uv" else None)
    monkeypatch.setattr(od, "run", lambda words: ran.append(words) or int(words[0] == "uv"))
    assert od.main(["kano"]) == 0
    made_by_uv, by_uv, made_by_pip, by_pip, called = ran
    assert made_by_uv == made_by_pip == ["make"]
    assert by_uv[0] == "uv"
    assert by_pip[1:3] == ["-m", "pip"]
    assert called[-1] == "kano"


def test_a_python_without_pip_is_told_what_to_install(
    od: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "... because ensurepip is not\navailable.  On Debian/Ubuntu systems ..."
    failed = subprocess.CompletedProcess([], 1, stdout=words, stderr="")
    monkeypatch.setattr(od.subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(SystemExit) as told:
        od.make_environment(None)
    assert str(told.value).endswith("apt install python3-venv")
    assert "\n" not in str(told.value)


def test_without_a_command_it_says_what_it_can_do(
    od: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert od.main([]) == 2
    assert od.main(["--help"]) == 0
    assert "./od test" in capsys.readouterr().out
