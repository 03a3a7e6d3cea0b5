"""The report: what the caller asked, what the data says, JSON-ready, and honest about the rest."""

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.audit.report import audit
from overdeliver.audit.schema import contradictions, schema
from overdeliver.audit.write import json_text, write_html, write_json
from overdeliver.learn.results import (
    Backtest,
    GroupKept,
    Instead,
    Kept,
    LeftOut,
    LevelResult,
    MonthKept,
)
from overdeliver.measure.answers import NotEnough
from overdeliver.tables.engines import Engine, missing
from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError

KEYS = (
    "schema", "program", "source", "rows", "lever", "unit", "granularity", "tolerance", "outcomes",
    "kept", "promised_mean", "actual_mean", "distribution", "groups", "asymmetry", "curve", "cliff",
    "levers", "ratchet", "steps", "amounts", "backtest", "instead", "features", "warnings",
    "computed",
)  # fmt: skip


def sound(report: dict[str, Any]) -> dict[str, Any]:
    """The report, which keeps the schema, adds up and survives JSON."""
    faults = jsonschema.Draft202012Validator(schema()).iter_errors(report)
    assert [f"{f.json_path}: {f.message}" for f in faults] == []
    assert contradictions(report) == []
    assert json.loads(json_text(report)) == report
    return report


def shop(n: int = 900, seed: int = 0) -> pa.Table:
    """A shop whose south is late more often, whose customers mind two days late."""
    random = np.random.default_rng(seed)
    placed = [datetime(2026, 1, 1, 9) + timedelta(hours=4 * i) for i in range(n)]
    region = random.choice(["north", "south", "west"], n)
    late = random.random(n) < np.where(region == "south", 0.35, 0.1)
    took = np.where(late, random.integers(8, 12, n), random.integers(2, 8, n))
    days = [timedelta(days=int(d)) for d in took]
    return pa.table(
        {
            "order_id": [f"o{i}" for i in range(n)],
            "customer_id": [f"c{i % 400}" for i in range(n)],
            "placed_at": placed,
            "promised_at": [(at + timedelta(days=7)).date() for at in placed],
            "delivered_at": [at + more for at, more in zip(placed, days, strict=True)],
            "amount": random.integers(10, 200, n) / 1.0,
            "currency": np.where(region == "west", "GBP", "EUR"),
            "score": np.where(took > 8, 2.0, 4.0) + random.integers(0, 2, n),
            "region": region,
            "van": random.integers(1, 6, n),
            "till": np.where(late, "red", "green"),
        }
    )


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return sound(audit(shop(), with_backtest=False))


def test_every_part_is_there_in_one_order(report: dict[str, Any]) -> None:
    assert tuple(report) == KEYS
    assert report["source"] == {
        "name": "data frame", "preset": None, "first": "2026-01-01", "last": "2026-05-31",
        "as_of": report["source"]["as_of"], "zone": "UTC",
    }  # fmt: skip
    assert report["computed"]["engine"] == "duckdb" and report["computed"]["seconds"] > 0


def test_the_figures_are_those_of_the_data(report: dict[str, Any]) -> None:
    table = shop().to_pandas()
    late = (table.delivered_at.dt.date > table.promised_at).sum()
    assert report["outcomes"]["broken"] == late
    assert report["kept"]["rate"] == pytest.approx(1 - late / 900)
    assert report["promised_mean"] == 7.0
    assert sum(one["n"] for one in report["distribution"]) == 900


def test_groups_come_costliest_first_and_say_what_is_above_the_usual(
    report: dict[str, Any],
) -> None:
    regions = [g for g in report["groups"] if "region" in g["by"]]
    assert regions[0]["by"] == {"region": "south"} and regions[0]["flag"] == "worse"
    assert [g["cost"] for g in regions] == sorted((g["cost"] for g in regions), reverse=True)
    assert regions[0]["excess"] > 0
    assert sum(g["excess"] for g in regions) == pytest.approx(0, abs=1e-6)
    assert sum(g["n"] for g in regions) == 900


def test_the_calendar_comes_last_and_speaks_in_names(report: dict[str, Any]) -> None:
    columns = list(dict.fromkeys(column for g in report["groups"] for column in g["by"]))
    assert columns[0] == "region" and columns[-2:] == ["month", "weekday"]
    values = {g["by"]["month"] for g in report["groups"] if "month" in g["by"]}
    assert values == {f"2026-0{month}" for month in range(1, 6)}
    assert {g["by"]["weekday"] for g in report["groups"] if "weekday" in g["by"]} >= {"Monday"}


def test_a_messenger_of_the_outcome_is_no_group(report: dict[str, Any]) -> None:
    assert "till" not in {column for g in report["groups"] for column in g["by"]}
    assert "till" in [one["column"] for one in report["features"]["left_out"]]
    trusted = audit(shop(), with_backtest=False, known=["till"])
    assert "till" in {column for g in trusted["groups"] for column in g["by"]}


def test_the_cliff_is_a_drop_beyond_one_day_late(report: dict[str, Any]) -> None:
    assert report["cliff"]["at"] == -1.5
    assert 1.5 < report["cliff"]["low"] < report["cliff"]["size"] < report["cliff"]["high"] < 2.5
    assert report["levers"][0]["outcome"] == "score"
    assert report["curve"] is not None


def test_amounts_of_two_currencies_are_never_added(report: dict[str, Any]) -> None:
    table = shop().to_pandas()
    for one in report["amounts"]:
        mine = table[table.currency == one["currency"]]
        late = mine.delivered_at.dt.date > mine.promised_at
        assert one["total"] == pytest.approx(mine.amount.sum())
        assert one["broken"] == pytest.approx(mine.amount[late].sum())
    assert [one["currency"] for one in report["amounts"]] == ["EUR", "GBP"]
    assert "mixed_currencies" in [w["code"] for w in report["warnings"]]


def test_asked_groups_are_the_only_ones() -> None:
    found = sound(audit(shop(), by=["van", "weekday"], with_backtest=False))
    assert list(dict.fromkeys(c for g in found["groups"] for c in g["by"])) == ["van", "weekday"]


def test_a_column_called_month_is_the_owners_own() -> None:
    table = shop().append_column("Month", pa.array(["moon", "sun"] * 450))
    found = sound(audit(table, by=["month"], with_backtest=False))
    assert {g["by"]["Month"] for g in found["groups"]} == {"moon", "sun"}


def test_too_many_groups_are_cut_and_told() -> None:
    table = shop(1200).append_column("cell", pa.array([f"cell {i % 600}" for i in range(1200)]))
    found = sound(audit(table, by=["cell"], with_backtest=False))
    assert len(found["groups"]) == 500
    cut = next(w for w in found["warnings"] if w["code"] == "groups_cut")
    assert cut["values"] == {"columns": {"cell": 100}}


def test_a_column_that_is_not_there_is_refused_with_the_nearest() -> None:
    cases = load_cases(shop())
    with pytest.raises(InputError, match="did you mean region"):
        audit(cases, by=["regoin"], with_backtest=False)


def test_cases_that_are_read_take_no_reading_options() -> None:
    with pytest.raises(InputError, match="zone: these cases are read already"):
        audit(load_cases(shop()), zone="Europe/Lisbon")


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, float("nan")])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(InputError, match="lies between 0 and 1"):
        audit(shop(), level=level)


def test_two_rows_are_read_and_nothing_is_concluded() -> None:
    found = sound(audit(shop(2), with_backtest=False))
    assert found["rows"]["used"] == 2
    assert found["cliff"].keys() >= {"not_enough"} and "not_enough" in found["levers"]
    assert found["ratchet"] is None and found["curve"] is None
    assert all(g["kept"] is None and g["needed"] == 20 for g in found["groups"])
    assert "few_outcomes" in [w["code"] for w in found["warnings"]]


def test_nothing_promised_gives_no_kept_rate() -> None:
    table = shop().drop_columns(["promised_at"])
    found = sound(audit(table, with_backtest=False))
    assert found["kept"] is None and found["outcomes"]["unknown"] == 900
    assert found["promised_mean"] is None and found["distribution"] == []
    assert "no_promise" in [w["code"] for w in found["warnings"]]


def test_overdue_and_never_seen_counts_as_broken_and_is_told() -> None:
    table = shop()
    came = table["delivered_at"].to_pylist()
    came[:40] = [None] * 40
    table = table.set_column(4, "delivered_at", pa.array(came, pa.timestamp("us")))
    found = sound(audit(table, with_backtest=False))
    told = next(w for w in found["warnings"] if w["code"] == "overdue_unobserved")
    assert told["values"] == {"n": 40}


def test_progress_goes_from_nothing_to_all() -> None:
    seen: list[tuple[str, float]] = []
    audit(shop(50), with_backtest=False, progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0.0, 1.0)


MADE_UP = Backtest(
    start=date(2026, 3, 1),
    n=360,
    own=Kept(0.84, 7.0),
    at_same_kept=Kept(0.84, 6.2),
    at_same_length=Kept(0.9, 7.0),
    levels=(
        LevelResult(0.5, 0.51, 0.46, 0.56, 4.1, 1.2),
        LevelResult(0.9, 0.9, 0.86, 0.93, 8.0, 0.7, GroupKept({"region": "south"}, 0.86, 120)),
    ),
    refused=3,
    model="pooled table",
    because="the boosted model was no better on the last weeks",
    refits=4,
    months=(MonthKept("2026-03", 180, 0.91), MonthKept("2026-04", 180, 0.89)),
    instead=(
        Instead(
            {"region": "south"}, 290, 7.0, 0.66, 10.0, 0.9, 0.91, 0.87, None, 2.0, 11.0, "2-11 days"
        ),
    ),
    features_used=("region", "van"),
    left_out=(LeftOut("till", "it tells the outcome"),),
)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[dict[str, Any]]:
    """Put this answer in the backtest's place; what it is asked is collected."""
    asked: list[dict[str, Any]] = []

    def backtest(cases: Any, **options: Any) -> Any:
        options["progress"](0.5)
        asked.append(options)
        return answer

    module = ModuleType("overdeliver.learn.backtest")
    module.backtest = backtest  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return asked


def test_the_backtest_is_told_as_it_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = answering(monkeypatch, MADE_UP)
    start = date(2026, 3, 1)
    found = sound(audit(shop(), by=["region", "month"], backtest_from=start, known=["van"]))
    told = found["backtest"]
    assert {k: asked[0][k] for k in ("level", "start", "by", "known")} == {
        "level": 0.9, "start": start, "by": ["region"], "known": ("van",),
    }  # fmt: skip
    assert (told["from"], told["n"], told["level"]) == ("2026-03-01", 360, 0.9)
    assert told["own"] == {"kept": 0.84, "promised_mean": 7.0}
    assert told["levels"][1]["worst_group"] == {"by": {"region": "south"}, "kept": 0.86, "n": 120}
    assert told["months"][0] == {"month": "2026-03", "n": 180, "kept": 0.91}
    assert found["instead"][0]["promise"] == 10.0 and found["instead"][0]["one_more"] is None
    assert found["features"]["used"] == ["region", "van"]
    assert {"column": "till", "reason": "it tells the outcome"} in found["features"]["left_out"]
    write_html(found, tmp_path / "a.html", "ro")
    assert "south" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_backtest_without_enough_says_how_much_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, NotEnough("7 outcomes, 20 are needed", 7, 20))
    found = sound(audit(shop(), by=["region"]))
    told = {"not_enough": "7 outcomes, 20 are needed", "code": "few_known", "have": 7, "need": 20}
    assert found["backtest"] == told
    assert found["instead"] == []


def test_files_are_written_whole_or_not_at_all(tmp_path: Path, report: dict[str, Any]) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    target.chmod(0o640)
    write_json(report, target)
    assert json.loads(target.read_text(encoding="utf-8")) == report
    assert target.stat().st_mode & 0o777 == 0o640
    with pytest.raises(ValueError):
        write_json({"x": float("nan")}, target)
    with pytest.raises(InputError, match="does not exist"):
        write_json(report, tmp_path / "no" / "a.json")
    assert json.loads(target.read_text(encoding="utf-8")) == report
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("order", [range(900), range(899, -1, -1)])
def test_the_order_of_the_rows_does_not_matter(
    report: dict[str, Any], order: Sequence[int]
) -> None:
    found = audit(shop().take(list(order)), with_backtest=False)
    for key in ("outcomes", "kept", "distribution", "ratchet", "amounts"):
        assert found[key] == report[key]


@pytest.mark.spark
@pytest.mark.skipif(missing(Engine.SPARK) is not None, reason="needs Java and the extra `spark`")
def test_measures_on_spark_give_the_same_figures(report: dict[str, Any]) -> None:
    found = sound(audit(shop(), engine="spark", with_backtest=False))
    assert found["computed"]["engine"] == "spark"
    for key in ("outcomes", "kept", "distribution", "groups", "curve", "amounts", "features"):
        assert json.dumps(_rounded(found[key])) == json.dumps(_rounded(report[key])), key


def _rounded(value: Any) -> Any:
    """Engines add up in different orders: equal to nine digits is equal."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
