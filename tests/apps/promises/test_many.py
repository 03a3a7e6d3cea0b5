"""Many promises written at once: revisions, keys and gaps come out as if written one by one."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from overdeliver.apps.promises import bulk
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from tests.apps.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


def at(minutes: float) -> Any:
    return NOON + timedelta(minutes=minutes)


def orders(*references: str, **more: list[Any]) -> pa.Table:
    moments = pa.array([NOON] * len(references), pa.timestamp("us", "UTC"))
    return pa.table({"reference": list(references), "placed_at": moments, **more})


def promised(*rows: tuple[str, str, float, float, str | None], lever: str = "time") -> pa.Table:
    """Rows of: reference, order, how much, made after so many minutes, what it revises."""
    unit = "minutes" if lever == "time" else "EUR"
    return pa.table(
        {
            "reference": [row[0] for row in rows],
            "order": [row[1] for row in rows],
            "promised": [row[2] for row in rows],
            "made_at": pa.array([at(row[3]) for row in rows], pa.timestamp("us", "UTC")),
            "revises": pa.array([row[4] for row in rows], pa.string()),
            "lever": [lever] * len(rows),
            "unit": [unit] * len(rows),
        }
    )


def told(*rows: tuple[str, float, float], **more: Any) -> pa.Table:
    """Rows of: promise, actual, observed after so many minutes."""
    return pa.table(
        {
            "promise": [row[0] for row in rows],
            "actual": [row[1] for row in rows],
            "observed_at": pa.array([at(row[2]) for row in rows], pa.timestamp("us", "UTC")),
            **more,
        }
    )


def written(tables: dict[str, pa.Table]) -> bulk.Written:
    return bulk.write(tables, batch="history")


def stood() -> dict[str, tuple[str, float | None, bool]]:
    rows = Standing.objects.values_list("promise__reference", "verdict", "gap", "latest")
    return {row[0]: row[1:] for row in rows}


def test_the_outcome_of_a_promise_settles_its_revisions_from_their_own_start() -> None:
    moments = pa.array([at(45)], pa.timestamp("us", "UTC"))
    written(
        {
            "orders": orders("o-1"),
            "promises": promised(
                ("p-1", "o-1", 30, 0, None),
                ("p-2", "o-1", 20, 20, "p-1"),
                ("p-3", "o-1", 20, 30, "p-2"),
            ),
            "outcomes": told(("p-1", 45, 46), happened_at=moments),
        }
    )
    assert stood() == {
        "p-1": ("broken", -15, False),
        "p-2": ("broken", -5, False),
        "p-3": ("exceeded", 5, True),
    }
    root = Promise.objects.get(reference="p-1")
    assert set(Promise.objects.filter(revises=root).values_list("reference", flat=True)) == {
        "p-2",
        "p-3",
    }


def test_without_its_moment_an_outcome_says_nothing_about_a_later_start() -> None:
    written(
        {
            "orders": orders("o-1"),
            "promises": promised(("p-1", "o-1", 30, 0, None), ("p-2", "o-1", 90, 20, "p-1")),
            "outcomes": told(("p-1", 45, 46)),
        }
    )
    assert Outcome.objects.get().promise.reference == "p-1"
    assert stood()["p-2"][1] is None


def test_a_sum_settles_the_raised_estimate_too() -> None:
    written(
        {
            "orders": orders("o-1"),
            "promises": promised(
                ("p-1", "o-1", 300, 0, None), ("p-2", "o-1", 350, 5, "p-1"), lever="cost"
            ),
            "outcomes": told(("p-1", 340, 46), key=["bill-1"]),
        }
    )
    assert stood() == {"p-1": ("broken", -40, False), "p-2": ("exceeded", 10, True)}
    assert Outcome.objects.filter(key="bill-1").count() == 1


def test_one_outcome_told_twice_in_one_file_is_one() -> None:
    tables = {
        "orders": orders("o-1", "o-2"),
        "promises": promised(("p-1", "o-1", 30, 0, None), ("p-2", "o-2", 30, 0, None)),
        "outcomes": told(("p-1", 25, 25), ("p-1", 25, 25), ("p-2", 40, 40)),
    }
    assert written(tables).outcomes == 2
    assert stood()["p-1"][:2] == ("exceeded", 5)


def test_what_was_observed_last_counts_whatever_its_place_in_the_file() -> None:
    tables = {
        "orders": orders("o-1"),
        "promises": promised(("p-1", "o-1", 30, 0, None)),
        "outcomes": told(("p-1", 25, 90), ("p-1", 60, 60), key=["second", "first"]),
    }
    assert written(tables).outcomes == 2
    assert stood()["p-1"][:2] == ("exceeded", 5)


def test_a_file_of_orders_alone_is_taken_in() -> None:
    found = written({"orders": orders("o-1", "o-2")})
    assert (found.orders, found.promises, found.outcomes) == (2, 0, 0)
    assert not Standing.objects.exists()
    assert bulk.known_orders(["o-1", "o-2", "o-3"]) == 2


def test_a_later_file_fills_in_when_an_order_ended_and_contradicts_nothing() -> None:
    kind = pa.timestamp("us", "UTC")
    written({"orders": orders("o-1", "o-2", completed_at=pa.array([at(9), None], kind))})
    again = orders("o-1", "o-2", completed_at=pa.array([at(60), at(70)], kind))
    assert written({"orders": again}).orders == 0
    ended = dict(Order.objects.values_list("reference", "completed_at"))
    assert ended == {"o-1": at(9), "o-2": at(70)}
