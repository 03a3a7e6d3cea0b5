"""One Chromium for every test that looks at a page: its driver bears no second beside it."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: the pages were not looked at"
    )
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium found: apt-get install chromium")
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=chromium, args=QUIET)
        yield running
        running.close()
