"""What of a table keeps the ledger's contract, and what programs are told about their files."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import checks
from overdeliver.apps.intake.models import Upload

from .conftest import ORDERS

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def orders(**columns: Any) -> pa.Table:
    return pa.table({"reference": ["o1", "o2"], "placed_at": [AT, AT], **columns})


def promises(**columns: Any) -> pa.Table:
    usual = {
        "reference": ["p1", "p2"],
        "order": ["o1", "o2"],
        "lever": ["time", "time"],
        "promised": [3.0, 2.0],
        "unit": ["days", "days"],
        "made_at": [AT, AT],
    }
    return pa.table({**usual, **columns})


def refused(**tables: pa.Table) -> list[tuple[str, str, str]]:
    _, rejects = checks.sound({"orders": orders(), **tables})
    return [(one["table"], one["column"], one["reason"]) for one in rejects.to_pylist()]


def test_an_amount_needs_its_currency() -> None:
    told = ("orders", "currency", "the amount needs its currency, such as EUR")
    amounts = [5.0, None]
    assert refused(orders=orders(amount=amounts)) == [told]
    assert refused(orders=orders(amount=amounts, currency=["eur", None])) == [told]
    assert refused(orders=orders(amount=amounts, currency=["EUR", None])) == []


def test_an_order_without_a_moment_takes_its_promise_along() -> None:
    told = refused(orders=orders(placed_at=[None, AT]), promises=promises())
    assert told == [
        ("orders", "placed_at", "no moment when it was placed"),
        ("promises", "order", "there is no such order"),
    ]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"lever": ["luck", "time"]}, "lever"),
        ({"unit": ["EUR", "days"]}, "unit"),
        ({"lever": ["cost", "time"]}, "unit"),
        ({"promised": [-1.0, 2.0]}, "promised"),
        ({"promised": [float("inf"), 2.0]}, "promised"),
        ({"promised": [40_000.0, 2.0]}, "promised"),
        (
            {"lever": ["service", "time"], "unit": ["class", "days"], "promised": [1.5, 2]},
            "promised",
        ),
        ({"made_at": [None, AT]}, "made_at"),
        ({"level": [1.0, None]}, "level"),
        ({"source": ["a guess", None]}, "source"),
        ({"reference": [" ", "p2"]}, "reference"),
        ({"reference": ["p2", "p2"]}, "reference"),
        ({"reference": ["p" * 151, "p2"]}, "reference"),
    ],
)
def test_a_promise_that_breaks_the_contract_is_refused_at_its_column(
    wrong: Mapping[str, Any], column: str
) -> None:
    told = refused(promises=promises(**wrong))
    assert [(table, where) for table, where, _ in told] == [("promises", column)]


def test_a_promise_that_keeps_the_contract_is_kept() -> None:
    assert refused(promises=promises()) == []
    assert refused(promises=promises(level=[0.9, None], source=["standard", None])) == []


def test_outcomes_and_encounters_need_what_they_are_about() -> None:
    outcome = {"promise": ["p1"], "actual": [1.0], "observed_at": [AT]}
    assert refused(outcomes=pa.table(outcome)) == [
        ("outcomes", "promise", "there is no such promise")
    ]
    assert refused(promises=promises(), outcomes=pa.table(outcome)) == []
    for wrong, column in (({"actual": [float("nan")]}, "actual"), ({"observed_at": [None]}, "")):
        told = refused(promises=promises(), outcomes=pa.table({**outcome, **wrong}))
        assert [where for _, where, _ in told] == [column or "observed_at"]
    met = pa.table({"order": ["o1", "o9"], "touchpoint": ["door", "door"], "at": [None, AT]})
    assert [(where, why) for _, where, why in refused(encounters=met)] == [
        ("order", "there is no such order"),
        ("at", "no moment"),
    ]
    said = pa.table({"reference": ["f1"], "at": pa.array([None], pa.timestamp("us", "UTC"))})
    assert refused(feedback=said) == [("feedback", "at", "no moment")]


def test_features_hold_what_is_known_and_no_more() -> None:
    table = pa.table(
        {
            "items": [2, None],
            "note": ["", "söt"],
            "rate": [float("nan"), 0.5],
            "on": pa.array([AT, None], pa.timestamp("us", "UTC")),
        }
    )
    first, second = (json.loads(one) for one in checks.features_of(table))
    assert first == {"items": 2, "on": str(AT)} and second == {"note": "söt", "rate": 0.5}


def test_promises_that_stand_with_other_terms_are_named() -> None:
    assert checks.conflicts(None, ["p1"]).num_rows == 0
    assert checks.conflicts(promises(), []).num_rows == 0
    found = checks.conflicts(promises(), ["p2", "p9"]).to_pylist()
    assert [(one["line"], one["column"], one["value"]) for one in found] == [(2, "promised", "2")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"mapping": "{"},
        {"mapping": "[]"},
        {"mapping": '{"order_id": 3}'},
        {"mapping": "[" * 9_000},
        {"rules": '{"Express": [2]}'},
        {"rules": '{"Express": [-2, "days"]}'},
        {"rules": '{"Express": [true, "days"]}'},
        {"rules": '{"Express": [2, "parsecs"]}'},
        {"kind": "guess"},
    ],
)
def test_a_program_that_says_nonsense_about_its_file_is_told_and_nothing_is_kept(
    shop: Business, api: Callable[..., Client], wrong: dict[str, str]
) -> None:
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())
    answer = api("imports.write").post("/api/v1/imports", {"files": file, **wrong})
    assert answer.status_code == 422, answer.content
    assert not Upload.objects.exists()


def test_a_program_may_say_what_each_shipping_method_promises(
    shop: Business, api: Callable[..., Client]
) -> None:
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())
    said = {"rules": '{"Express": [2, "days"]}', "zone": "Asia/Almaty", "mapping": "  "}
    answer = api("imports.write").post("/api/v1/imports", {"files": file, **said})
    assert answer.status_code == 202 and answer.json()["state"] == "looking"
    kept = Upload.objects.get().settings
    assert kept["rules"] == {"Express": [2, "days"]} and kept["zone"] == "Asia/Almaty"
    assert "mapping" not in kept
