"""The container that is built from here: nobody's root, nothing published that need not be."""

import re
from pathlib import Path


def test_the_image_runs_as_nobodys_root_and_holds_no_secret(root: Path) -> None:
    text = (root / "Dockerfile").read_text("utf-8")
    last = text[text.rindex("\nFROM ") :]
    user = re.search(r"(?m)^USER (\S+)$", last)
    assert user and user[1] not in ("root", "0")
    assert last.index("USER ") < last.index("\nCMD ")
    assert not re.search(r"(?i)(password|secret|token|key)\S*=\S", text)
    assert "ADD " not in text and "COPY . " not in text, "only what is named comes in"


def test_the_composition_publishes_the_pages_on_this_machine_and_nothing_else(root: Path) -> None:
    text = (root / "compose.yaml").read_text("utf-8")
    pages, database = text[: text.index("\n  postgres:")], text[text.index("\n  postgres:") :]
    assert re.findall(r"ports: (.*)", text) == ['["127.0.0.1:8000:8000"]']
    assert "ports:" not in database and "expose:" not in text
    for promised in ("read_only: true", "no-new-privileges:true", "cap_drop: [ALL]"):
        assert promised in pages
    assert "privileged" not in text.replace("no-new-privileges", "")
    passwords = re.findall(r"PASSWORD: (\S+)", text)
    assert passwords == ["${POSTGRES_PASSWORD:-}"], "none is given by default"
