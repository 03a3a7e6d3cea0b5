"""Files as a business would send them, and the worker that takes them in."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import actions, jobs
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.uploads import OnDisk

ORDERS = """order id;customer;ordered on;promised for;delivered on;region;total;currency
1001;c1;2026-02-02;2026-02-10;2026-02-09;north;120.50;EUR
1002;c2;2026-02-03;2026-02-10;2026-02-13;south;80;EUR
1003;c1;2026-02-04;2026-02-11;;north;15;EUR
1004;c3;2026-02-05;soon;2026-02-12;south;40;EUR
1002;c2;2026-02-03;2026-02-10;2026-02-13;south;80;EUR
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Iterator[Path]:
    """The folder of uploads, empty for each test."""
    settings.UPLOADS = tmp_path / "uploads"  # type: ignore[attr-defined]
    yield tmp_path / "uploads"


@pytest.fixture
def bring(shop: Business, tmp_path: Path) -> Callable[..., Upload]:
    """Hands files in and lets the worker go on until a person is asked or all is done."""

    def make(*files: Path | str, through: bool = True, **answers: object) -> Upload:
        paths = [_written(tmp_path, file) for file in files]
        said = {"service": "parcel", "zone": "UTC", **answers}
        reference = actions.upload([OnDisk(p) for p in paths], through=through, **said)
        return worked(reference)

    return make


def worked(reference: str) -> Upload:
    """The upload after all the work that is due."""
    while jobs.import_due(reference):
        pass
    return Upload.objects.get(reference=reference)


def _written(folder: Path, file: Path | str) -> Path:
    if isinstance(file, Path):
        return file
    path = folder / "orders.csv"
    path.write_text(file, encoding="utf-8")
    return path


def zipped(*members: tuple[str, bytes]) -> bytes:
    """An archive of these members: name and content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()
