"""From the ledger to a published model, and quotes that are kept as they say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from overdeliver.apps.business import reads as business
from overdeliver.apps.quoting import actions, jobs, reads, runs
from overdeliver.apps.quoting.past import read_past
from tests.apps.quoting.conftest import Simulated, kept_band

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # the arithmetic is the same


def test_quotes_at_80_90_95_are_kept_at_that_rate_on_orders_not_seen(learned: Simulated) -> None:
    assert reads.published("sim") is not None
    for level in (0.8, 0.9, 0.95):
        kept = []
        for one in learned.later:
            quote = actions.look_at_quote("sim", one.features, level=level, placed_at=one.placed_at)
            assert quote.promised is not None
            kept.append(one.actual <= quote.promised)
        low, high = kept_band(level, len(kept))
        share = sum(kept) / len(kept)
        assert low <= share <= high + 0.02, (level, share, len(kept))  # whole days keep a bit more
        for group in ("segment", "channel"):
            for value in {one.features[group] for one in learned.later}:
                of = [
                    k
                    for k, one in zip(kept, learned.later, strict=True)
                    if one.features[group] == value
                ]
                low, high = kept_band(level, len(of), sigmas=3.5)
                assert low <= sum(of) / len(of) <= high + 0.03, (level, group, value)


def test_a_ceiling_of_cost_is_learned_said_and_kept(
    simulated: Callable[..., Simulated], signed_in: Callable[[str], Client]
) -> None:
    shop = simulated("carservice", 2000, slug="repair")
    runs.ask_to_learn("repair")
    jobs.learn_here()
    found = reads.published("repair")
    assert found is not None and found.metrics["unit"] == "EUR"
    kept = []
    soon = shop.evening + timedelta(days=60)  # it is learned anew every night: two months are long
    for one in (one for one in shop.later if one.placed_at < soon):
        quote = actions.look_at_quote(
            "repair", one.features, placed_at=one.placed_at, language="en"
        )
        assert quote.promised is not None and quote.due_at is None
        kept.append(one.actual <= quote.promised)
    assert quote.words.startswith("at most €")
    low, high = kept_band(0.9, len(kept))
    assert low <= sum(kept) / len(kept) <= high + 0.03  # rounded up to what people say
    page = signed_in("analyst").get("/quoting/of/repair/")
    assert page.status_code == 200


def test_the_moments_of_the_journey_are_stages(simulated: Callable[..., Simulated]) -> None:
    simulated("webshop", 400)
    with read_past() as past:
        cases = past.cases(business.service("sim"), "UTC")
        assert cases.stages and set(cases.stages) <= set(cases.table.columns)
        row = cases.table.filter(cases.table[cases.stages[-1]].notnull()).limit(1).to_pyarrow()
        assert row["made_at"][0].as_py() <= row[cases.stages[-1]][0].as_py()
        assert "customer_id" not in cases.table.columns and "service" not in cases.features
