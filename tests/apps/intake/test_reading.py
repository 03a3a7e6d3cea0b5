"""Files read as the child process reads them, in this one: what is recognised, asked and stored."""

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from overdeliver.apps.intake.reading import child
from overdeliver.apps.intake.reading.check import REJECTS, ROWS, check
from overdeliver.apps.intake.reading.flat import Terms, tables_of
from overdeliver.apps.intake.reading.look import look, problem_of
from overdeliver.apps.intake.reading.task import File, Task
from overdeliver.vocabulary.errors import MissingField

from .conftest import ORDERS

pytestmark = pytest.mark.one_database

SHOP = """Name,Financial Status,Created at,Lineitem quantity,Shipping Method,Fulfilled at,Id
#1,paid,2026-07-03 11:02:00 -0400,1,Express,2026-07-05 11:02:00 -0400,5101
#1,,,2,,,
#2,paid,2026-07-04 11:02:00 -0400,1,Standard,2026-07-05 11:02:00 -0400,5102
#3,paid,2026-07-04 12:02:00 -0400,1,Express,,5103
"""


def task(folder: Path, text: str | bytes, step: str = "look", **said: Any) -> Task:
    path = folder / "in.bin"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Task(step, (File(str(path), said.pop("name", "in.csv")),), said, str(folder), "d" * 64)


def looked(folder: Path, text: str | bytes, **said: Any) -> dict[str, Any]:
    work = folder / f"look-{len(list(folder.iterdir()))}"
    work.mkdir()
    return look(task(folder, text, **said), work)


def checked(folder: Path, text: str | bytes, **said: Any) -> tuple[dict[str, Any], pa.Table]:
    work = folder / f"check-{len(list(folder.iterdir()))}"
    work.mkdir()
    report = check(task(folder, text, "check", **said), work)
    rows = folder / ROWS
    return report, pq.read_table(rows) if rows.stat().st_size else pa.table({})


def terms(report: Mapping[str, Any]) -> Terms:
    scale = tuple(report["scale"]) if report["scale"] else None
    return Terms(report["lever"], report["unit"], report["whole"], scale, service="parcel")


def test_a_first_look_names_the_columns_with_samples_and_what_they_are(tmp_path: Path) -> None:
    found = looked(tmp_path, ORDERS)
    assert (found["kind"], found["rows"], found["problem"]) == ("table", 5, "")
    assert found["mapping"]["order_id"] == "order id"
    columns = {one["name"]: one for one in found["columns"]}
    assert columns["region"]["samples"] == ["north", "south"]
    assert found["lever"] == "time" and found["granularity"] == "day" and not found["zoneless"]


def test_who_a_customer_is_and_the_team_are_recognised_by_their_columns(tmp_path: Path) -> None:
    text = (
        "order id,ordered on,promised for,delivered on,E-mail,Technician,Phone\n"
        "1,2026-02-02,2026-02-10,2026-02-09,a@example.org,North,123\n"
    )
    found = looked(tmp_path, text)
    assert found["extras"] == {
        "team": "Technician",
        "customer_email": "E-mail",
        "customer_phone": "Phone",
    }
    said = {"team": "Technician", "customer_email": "E-mail", "colour": "Phone", "service": "none"}
    report, rows = checked(tmp_path, text, extras=said)
    assert rows["team"].to_pylist() == ["North"]
    assert report["features"] == []  # a phone is personal, whether it was chosen or not


def test_shipping_methods_of_a_shop_are_counted_and_asked_about(tmp_path: Path) -> None:
    found = looked(tmp_path, SHOP)
    assert found["kind"] == "shopify"
    assert found["methods"] == [["Express", 2], ["Standard", 1]]
    report, rows = checked(tmp_path, SHOP, rules={"Express": [2, "days"], "*": [1, "days"]})
    assert report["promised"] and report["rows"] == 4 and report["joined"] == 1
    assert sorted(rows["promised"].to_pylist()) == [1, 2, 2]


def test_an_exact_mapping_guesses_nothing_besides(tmp_path: Path) -> None:
    said = {"order_id": "order id", "promised_at": "promised for", "placed_at": "ordered on"}
    report, rows = checked(tmp_path, ORDERS, mapping=said, exact=True)
    assert report["rows"] == 5
    assert {*rows["actual"].to_pylist(), *rows["customer"].to_pylist()} == {None}


def test_rows_without_a_number_are_named_after_the_file(tmp_path: Path) -> None:
    text = "ordered on,promised for,delivered on\n2026-02-02,2026-02-10,2026-02-09\n"
    report, rows = checked(tmp_path, text)
    assert report["to_store"] == 1
    assert rows["reference"].to_pylist()[0].startswith("d" * 10 + "-")


def test_a_file_without_any_start_asks_for_one(tmp_path: Path) -> None:
    text = "order id,promised for,delivered on\n1,2026-02-13,2026-02-14\n"
    assert looked(tmp_path, text)["dated"] is False
    with pytest.raises(MissingField, match="when the orders were placed"):
        checked(tmp_path, text)


def test_a_row_told_twice_is_refused_with_its_reason(tmp_path: Path) -> None:
    report, rows = checked(tmp_path, ORDERS)
    assert (report["to_store"], report["rejected"], report["joined"]) == (3, 2, 0)
    assert rows["reference"].to_pylist() == ["1001", "1002", "1003"]
    refused = (tmp_path / REJECTS).read_text("utf-8-sig").splitlines()
    assert len(refused) == 3 and any("soon" in line for line in refused)


def test_a_file_of_which_nothing_can_be_stored_leaves_empty_rows(tmp_path: Path) -> None:
    text = "order id,ordered on,promised for,delivered on\n1,2026-02-02,soon,2026-02-14\n"
    said = {"order_id": "order id", "placed_at": "ordered on", "promised_at": "promised for"}
    report, rows = checked(tmp_path, text, mapping=said, exact=True)
    assert (report["to_store"], report["rejected"], rows.num_rows) == (0, 1, 0)


def test_an_event_log_is_a_file_like_others(tmp_path: Path) -> None:
    events = "".join(
        f'<event><string key="concept:name" value="{name}"/>'
        f'<date key="time:timestamp" value="2026-02-0{day}T10:00:00Z"/></event>'
        for name, day in (("ordered", 2), ("packed", 3), ("delivered", 5))
    )
    log = (
        '<?xml version="1.0"?><log><trace><string key="concept:name" value="A-1"/>'
        f"{events}</trace></log>"
    )
    found = looked(tmp_path, log, name="log.xes")
    assert found["kind"] == "xes" and found["rows"] >= 1


def test_clocks_without_a_zone_are_noticed_and_those_with_one_are_not(tmp_path: Path) -> None:
    head = "order id,ordered on,promised for,delivered on\n"
    bare = head + "1,2026-02-13 10:00,2026-02-20 10:00,2026-02-19 11:00\n"
    zoned = head + "1,2026-02-13T10:00Z,2026-02-20T10:00Z,2026-02-19T11:00Z\n"
    assert looked(tmp_path, bare)["zoneless"] is True
    assert looked(tmp_path, zoned)["zoneless"] is False
    typed = pa.table(
        {
            "order id": ["1"],
            "ordered on": pa.array([0], pa.timestamp("us")),
            "promised for": pa.array([10**12], pa.timestamp("us")),
            "delivered on": pa.array([10**11], pa.timestamp("us")),
        }
    )
    out = io.BytesIO()
    pq.write_table(typed, out)
    assert looked(tmp_path, out.getvalue(), name="in.parquet")["zoneless"] is True


def test_a_rejected_file_that_comes_again_is_read_without_its_marks(tmp_path: Path) -> None:
    checked(tmp_path, ORDERS)
    again = (tmp_path / REJECTS).read_bytes()
    found = looked(tmp_path, again)
    assert not [one["name"] for one in found["columns"] if one["name"].startswith("reject")]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("say the order of the classes", "classes"),
        ("these classes are not in the order given", "classes"),
        ("say what was promised for each shipping method", "rules"),
        ("promises per shipping method must share a unit", "rules"),
        ("no promise and no outcome recognised", "fields"),
        ("the tables cannot be joined", "fields"),
        ("say it with --unit", "unit"),
        ("the disk is full", "other"),
    ],
)
def test_what_stands_in_the_way_is_one_question(told: str, code: str) -> None:
    assert problem_of(told) == code


def test_the_flat_rows_become_the_tables_of_the_ledger(tmp_path: Path) -> None:
    text = (
        "order id,customer,ordered on,promised for,delivered on,cancelled on,score,comment,"
        "service\n"
        "1,c1,2026-02-02,2026-02-10,2026-02-09,,5,,Express\n"
        "2,c2,2026-02-03,2026-02-10,,2026-02-05,,,\n"
        "3,c1,2026-02-04,2026-02-11,2026-02-13,,1,late again,\n"
    )
    said = {"extras": {"service": "service"}}
    report, rows = checked(tmp_path, text, **said)
    assert report["services"] == ["Express"]
    tables = tables_of(rows, terms(report))
    assert tables["orders"]["service"].to_pylist() == ["Express", "parcel", "parcel"]
    assert [one is not None for one in tables["orders"]["cancelled_at"].to_pylist()] == [
        False,
        True,
        False,
    ]
    assert tables["promises"]["reference"].to_pylist() == ["1.time", "2.time", "3.time"]
    assert tables["outcomes"]["promise"].to_pylist() == ["1.time", "3.time"]
    said_by = tables["feedback"].select(["order", "kind", "score", "scale_max"]).to_pylist()
    assert [(one["order"], one["kind"], one["score"]) for one in said_by] == [
        ("1", "survey", 5),
        ("3", "review", 1),
    ]
    assert {one["scale_max"] for one in said_by} == {5}


def test_moments_of_the_journey_are_encounters_and_the_rest_features(tmp_path: Path) -> None:
    text = (
        "order id,ordered on,promised for,delivered on,packed at,weight,express,rate,ratio\n"
        "1,2026-02-02 09:00,2026-02-10 09:00,2026-02-09 10:00,2026-02-03 10:00,2,true,1.5,\n"
        "2,2026-02-02 09:00,2026-02-10 09:00,2026-02-09 10:00,2026-02-04 10:00,3,false,,\n"
        "3,2026-02-02 09:00,2026-02-10 09:00,2026-02-11 10:00,,4,true,2.5,\n"
    )
    report, rows = checked(tmp_path, text, zone="Europe/Bucharest")
    tables = tables_of(rows, terms(report))
    assert report["stages"] == ["packed at"]
    met = tables["encounters"].select(["order", "touchpoint"]).to_pylist()
    assert met == [{"order": n, "touchpoint": "packed at"} for n in ("1", "2")]
    features = [json.loads(one) for one in rows["features"].to_pylist()]
    assert features[0]["weight"] == 2 and features[0]["rate"] == 1.5
    assert "rate" not in features[1]  # what is unknown is left out


def test_a_file_of_costs_is_not_observed_at_a_moment_of_its_own(tmp_path: Path) -> None:
    text = "order id,ordered on,promised,actual\n1,2026-02-13,50,40\n2,2026-02-14,50,60\n"
    report, rows = checked(tmp_path, text, lever="cost", unit="EUR")
    outcomes = tables_of(rows, terms(report))["outcomes"]
    assert (report["lever"], report["unit"]) == ("cost", "EUR")
    assert outcomes["actual"].to_pylist() == [40, 60]
    assert outcomes["happened_at"].to_pylist() == [None, None]
    assert tables_of(rows, terms(report))["encounters"].num_rows == 0


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the child's main here. Its limits would hold for the tests too, for ever: left out."""
    shut = []
    monkeypatch.setattr(child, "shut_in", shut.append)

    def make(given: Task) -> dict[str, Any]:
        told = io.TextIOWrapper(io.BytesIO(json.dumps(given.data()).encode()))
        monkeypatch.setattr(sys, "stdin", told)
        assert child.main() == 0
        assert shut[-1]["memory_mb"] == given.memory_mb  # shut in before anything is opened
        assert not (tmp_path / "work").exists() and not (tmp_path / "result.json.part").exists()
        found: dict[str, Any] = json.loads((tmp_path / child.RESULT).read_text("utf-8"))
        return found

    return make


def test_the_child_leaves_one_answer_and_nothing_else(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "left").write_text("by a child that was killed")
    answer = ask(task(tmp_path, ORDERS))["answer"]
    assert answer["rows"] == 5
    assert ask(task(tmp_path, ORDERS, "check"))["answer"]["to_store"] == 3
    assert (tmp_path / ROWS).is_file() and (tmp_path / REJECTS).is_file()


def test_the_child_refuses_in_one_line(ask: Any, tmp_path: Path) -> None:
    told = ask(task(tmp_path, b"\n"))["refused"]
    assert told and "\n" not in told and not (tmp_path / "crash.txt").exists()


def test_what_breaks_the_child_is_kept_for_who_looks_and_not_told(ask: Any, tmp_path: Path) -> None:
    """A step that does not exist stands for whatever a file may do to a library."""
    assert ask(task(tmp_path, ORDERS, "nonsense")) == {"crashed": True}
    assert "KeyError" in (tmp_path / "crash.txt").read_text()


@pytest.mark.parametrize("name", ["MemoryError", "OutOfMemoryException"])
def test_a_child_that_starves_says_what_to_do(
    ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import duckdb

    from overdeliver.apps.intake.reading import look as looking

    error = getattr(duckdb, name, MemoryError)

    def starve(*_: object) -> None:
        raise error("no more")

    monkeypatch.setattr(looking, "look", starve)
    assert "split it, or save it as CSV" in ask(task(tmp_path, ORDERS))["refused"]
