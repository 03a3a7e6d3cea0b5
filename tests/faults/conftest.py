"""Faults are set on a real installation with real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Installation, installation


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Installation]:
    """An installation of one's own."""
    with installation(tmp_path / "data") as found:
        yield found
