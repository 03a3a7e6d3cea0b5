"""The packaged sample is what its README says."""

import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from overdeliver.data.sample import sample_path

ROOT = Path(__file__).resolve().parents[2]


def test_the_sample_is_small_and_documented() -> None:
    assert sample_path().stat().st_size <= 1_000_000
    readme = sample_path().with_name("README.md").read_text("utf-8")
    table = pq.read_table(sample_path())
    assert f"{table.num_rows:,} flights" in readme
    assert all(f"`{name}`" in readme for name in table.column_names)


def test_times_are_instants_and_blocks_are_plausible() -> None:
    table = pq.read_table(sample_path())
    minutes = pc.minutes_between(table["scheduled_departure"], table["scheduled_arrival"])
    hawaii = pc.equal(table["dest"], "HNL")
    assert 600 < pc.min(minutes.filter(hawaii)).as_py() < 720
    assert pc.min(minutes).as_py() > 150
    assert pc.max(minutes.filter(pc.invert(hawaii))).as_py() < 460
    left = pc.is_valid(table["dep_delay"])
    assert pc.all(pc.equal(left, pc.is_null(table["cancelled_at"]))).as_py()


@pytest.mark.real
def test_the_sample_can_be_rebuilt(shared_data: Path, tmp_path: Path) -> None:
    target = tmp_path / "flights.parquet"
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path;"
        f"from tools import make_sample as m; m.TARGET = Path({str(target)!r});"
        f"m.main(Path({str(shared_data / 'flights')!r}))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert pq.read_table(target).equals(pq.read_table(sample_path()))
