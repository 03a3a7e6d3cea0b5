"""Rows in are rows stored and rows refused, whatever stands in them."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.apps.intake.reading.check import REJECTS, ROWS, check
from overdeliver.apps.intake.reading.look import look
from overdeliver.apps.intake.reading.task import File, Task
from overdeliver.apps.intake.rules.asking import question
from overdeliver.vocabulary.errors import InputError
from tests.figures import figure

DAY = st.dates(min_value=__import__("datetime").date(2020, 1, 1)).map(str)
CELL = st.one_of(
    DAY, st.sampled_from(["", "soon", "0000-00-00", "=1+1", "31.02.2026", "\x07", "ñ"])
)
ROW = st.tuples(
    st.one_of(st.integers(1, 12).map(str), st.sampled_from(["", "=cmd", "a" * 300, "x,y", '"'])),
    CELL,
    CELL,
    CELL,
    st.one_of(st.floats(0, 1e6).map(str), st.sampled_from(["", "-", "1e400", "free"])),
)
pytestmark = pytest.mark.one_database  # files alone

HEAD = ("order id", "ordered on", "promised for", "delivered on", "total")


@given(rows=st.lists(ROW, min_size=3, max_size=40))
@settings(max_examples=figure(10, 100), deadline=None)
def test_the_books_close_and_the_reject_file_holds_the_rest(rows: list[tuple[str, ...]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([HEAD, *rows])
    said = {"mapping": {"order_id": HEAD[0], "placed_at": HEAD[1], "promised_at": HEAD[2]}}
    said["mapping"] |= {"delivered_at": HEAD[3]}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.csv").write_text(out.getvalue(), encoding="utf-8")
        files = (File(str(folder / "in.csv"), "in.csv"),)
        task = Task("check", files, {**said, "exact": True}, name, "d" * 64)
        (folder / "work").mkdir()
        try:
            report = check(task, folder / "work")
        except InputError as error:
            assert "\n" not in str(error)
            return
        stored = pq.read_table(folder / ROWS).num_rows if report["to_store"] else 0
        with open(folder / REJECTS, encoding="utf-8-sig", newline="") as file:
            refused = list(csv.DictReader(file))
    assert report["rows"] == report["to_store"] + report["joined"] + report["rejected"]
    assert stored == report["to_store"] and report["joined"] == 0
    assert len(refused) == report["rejected"]
    assert all(row["reject reason"] for row in refused)
    cells = [cell for row in refused for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_one_question_at_a_time(tmp_path: Path) -> None:
    """A file that lacks everything is asked about everything, one thing after another."""

    def asked(text: str, **said: object) -> str:
        file = tmp_path / "q.csv"
        file.write_text(text)
        work = tmp_path / f"w{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        files = (File(str(file), "q.csv"),)
        found = look(Task("look", files, said, str(tmp_path), "d" * 64), work)
        answer = question(found, said, ())
        return answer.code if answer else ""

    rows = "order id,ordered on,promised for,delivered on\n"
    clear = rows + "1,2026-02-13,2026-02-20,2026-02-19\n"
    unclear = rows + "1,03/04/2026,05/04/2026,06/04/2026\n"
    timed = rows + "1,2026-02-13 10:00,2026-02-20 10:00,2026-02-19 11:00\n"
    assert asked("a,b\n1,2\n") == "fields"
    assert asked(unclear) == "date_order"
    assert asked(unclear, date_order="dmy") == "service"
    assert asked(timed) == "zone"
    assert asked(timed, zone="UTC") == "service"
    assert asked(clear) == "service"
    assert asked(clear, service="parcel") == ""
    assert asked("order id,promised for,delivered on\n1,2026-02-13,2026-02-14\n") == "placed_at"
    numbers = "order id,ordered on,promised,actual\n1,2026-02-13,5,4\n"
    assert asked(numbers) == "unit"
    assert asked(numbers, unit="hours", service="") == ""
    shop = (
        "Name,Financial Status,Created at,Lineitem quantity,Shipping Method,Fulfilled at,Id\n"
        "#1,paid,2026-07-03 11:02:00 -0400,1,Express,2026-07-05 11:02:00 -0400,5101\n"
        "#1,,,2,,,\n"
    )
    assert asked(shop) == "rules"
    assert asked(shop, rules={"*": [3, "days"]}, service="") == ""
