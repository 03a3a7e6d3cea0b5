"""What every test may ask for."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: workers beside each other, not inside
os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).parent / "engines" / "conf"))

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return SHARED


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a test needs by what it uses, so that nobody has to remember to."""
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.no_cover)  # what is covered must not hang on these data
        if "browser" in item.path.parent.parts:
            item.add_marker(pytest.mark.browser)
            # One installation serves all pages of the application.
            app = item.path.parent.name == "app"
            item.add_marker(pytest.mark.xdist_group("shop" if app else item.path.stem))
        if "learned" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("learned"))  # it is learned once a process
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group("spark"))  # one session serves them all
