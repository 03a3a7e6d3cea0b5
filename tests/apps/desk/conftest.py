"""Promises of a courier, made so many minutes ago."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions

Make = Callable[..., str]


@pytest.fixture
def made(shop: Business) -> Make:
    """Makes a promise of 60 minutes, ``ago`` minutes ago, and with ``took`` its outcome."""

    def make(
        number: int, *, ago: float, took: float | None = None, promised: float = 60, **order: Any
    ) -> str:
        moment = timezone.now() - timedelta(minutes=ago)
        placed = actions.place_order(
            f"o-{number}", placed_at=moment, **{"service": "courier", **order}
        )
        promise = actions.make_promise(
            placed,
            lever="time",
            unit="minutes",
            promised=promised,
            made_at=moment,
            reference=f"p-{number}",
        )
        if took is not None:
            actions.record_outcome(promise, happened_at=moment + timedelta(minutes=took))
        return promise

    return make


@pytest.fixture
def anna(shop: Business) -> int:
    """A customer with a name that would like to be markup."""
    return people.keep_customer("c-1", name="Anna <b>Bold</b>", email="anna@example.org")


@pytest.fixture
def sold(made: Make) -> Make:
    """Makes an order of a customer so many days ago, its promise kept in ``took`` minutes."""

    def make(number: int, *, days_ago: float, took: float, amount: str = "100", **more: Any) -> str:
        return made(
            number,
            ago=days_ago * 1440,
            took=took,
            amount=Decimal(amount),
            **{"customer": f"c-{number}", "currency": "EUR", **more},
        )

    return make
