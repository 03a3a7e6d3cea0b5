"""Real data through the one door: each set gives a sound report and the figures known of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from overdeliver.audit.report import audit
from overdeliver.audit.schema import contradictions, schema
from overdeliver.audit.write import json_text

REAL: dict[str, tuple[str, dict[str, Any]]] = {
    "olist": ("olist", {"preset": "olist"}),
    "estimates": ("estimates", {"lever": "cost"}),
    "flights": ("flights", {"preset": "flights"}),
    "delivery": ("delivery/deliverytime.parquet", {}),
    "receipt": ("eventlog/receipt.parquet", {}),
}


@pytest.fixture(scope="module")
def reports(shared_data: Path) -> dict[str, dict[str, Any]]:
    return {
        name: audit(shared_data / place, with_backtest=False, **options)
        for name, (place, options) in REAL.items()
    }


@pytest.mark.parametrize("name", REAL)
def test_the_report_is_sound(reports: dict[str, dict[str, Any]], name: str) -> None:
    report = reports[name]
    faults = jsonschema.Draft202012Validator(schema()).iter_errors(report)
    assert [f"{f.json_path}: {f.message}" for f in faults] == []
    assert contradictions(report) == []
    assert json.loads(json_text(report)) == report
    assert report["groups"] and report["rows"]["used"] > 1000


def test_the_marketplace_falls_off_beyond_one_day_late(reports: dict[str, Any]) -> None:
    report = reports["olist"]
    assert (report["lever"], report["unit"], report["granularity"]) == ("time", "days", "day")
    assert report["cliff"]["at"] == -1.5 and report["cliff"]["size"] > 0.8
    assert (report["steps"][0]["from"], report["steps"][0]["to"]) == ("placed_at", "approved")
    assert next(iter(report["groups"][0]["by"])) == "customer_state"
    assert report["amounts"][0]["currency"] == "BRL"


def test_estimates_are_a_promise_of_hours(reports: dict[str, Any]) -> None:
    report = reports["estimates"]
    assert (report["lever"], report["unit"]) == ("cost", "hours")
    assert report["rows"]["used"] == 10_266  # one row per task


def test_without_a_promise_there_is_no_rate(reports: dict[str, Any]) -> None:
    report = reports["delivery"]
    assert report["kept"] is None and report["outcomes"]["unknown"] == 45_593


def test_a_deadline_log_is_judged_case_by_case(reports: dict[str, Any]) -> None:
    report = reports["receipt"]
    settled = sum(report["outcomes"][kind] for kind in ("broken", "met", "exceeded"))
    assert 1300 < settled <= 1434
    assert report["kept"]["low"] < 0.716 < report["kept"]["high"] + 0.02
