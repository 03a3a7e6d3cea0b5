"""The measures on a real marketplace, against figures counted independently."""

from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from overdeliver.measure.cliff import Cliff, cliff
from overdeliver.measure.disconfirmation import Curve, curve
from overdeliver.measure.gaps import asymmetry
from overdeliver.measure.ratchet import Ratchet, ratchet
from overdeliver.measure.reliability import outcomes

pytestmark = pytest.mark.real

DELIVERED = """
WITH latest AS (
    SELECT order_id, arg_max(review_score, review_answer_timestamp) AS score
    FROM read_parquet('{0}/order_reviews.parquet') GROUP BY order_id)
SELECT o.order_id, o.customer_id, o.order_purchase_timestamp::TIMESTAMP AS made_at,
    (o.order_estimated_delivery_date::DATE - o.order_purchase_timestamp::DATE)::DOUBLE AS promised,
    (o.order_delivered_customer_date::DATE - o.order_purchase_timestamp::DATE)::DOUBLE AS actual,
    promised - actual AS gap,
    CASE WHEN gap < 0 THEN 'broken' WHEN gap > 0 THEN 'exceeded' ELSE 'met' END AS verdict,
    score::DOUBLE AS score
FROM read_parquet('{0}/orders.parquet') o LEFT JOIN latest USING (order_id)
WHERE o.order_status = 'delivered' AND o.order_delivered_customer_date IS NOT NULL
"""


@pytest.fixture(scope="module")
def delivered(shared_data: Path) -> ir.Table:
    rows = duckdb.sql(DELIVERED.format(shared_data / "olist")).to_arrow_table()
    return ibis.memtable(rows)


def test_the_promises_were_kept_as_counted_by_hand(delivered: ir.Table) -> None:
    found = outcomes(delivered)
    assert (found.broken, found.met, found.exceeded) == (1050, 191, 15545)


def test_the_curve_is_the_published_table(delivered: ir.Table) -> None:
    found = curve(delivered)
    assert isinstance(found, Curve)
    # late 15 and more, 8-14, 4-7, 2-3, 1; on the day; early 1-2, 3-5, 6-10, 11-20, 21 and more
    assert [p.n for p in found.points] == [220, 246, 290, 174, 120, 191, 433, 912, 3871, 8073, 2256]
    assert [round(p.score_mean or 0, 2) for p in found.points] == [
        1.59, 1.75, 2.01, 2.73, 3.85, 3.94, 4.09, 4.16, 4.28, 4.32, 4.25,
    ]  # fmt: skip
    assert [round(p.lowest_share or 0, 2) for p in found.points][:4] == [0.75, 0.63, 0.61, 0.37]


def test_the_cliff_lies_between_one_and_two_days_late(delivered: ir.Table) -> None:
    found = cliff(delivered)
    assert isinstance(found, Cliff)
    assert -2 < found.at < -1 and found.significant
    assert -2 < found.at_low <= found.at_high < -1
    assert found.size == pytest.approx(-1.1, abs=0.2) and found.low < -1.0 < found.high < -0.5
    assert found.slope_late > found.slope_early > 0


def test_a_day_late_weighs_several_days_early(delivered: ir.Table) -> None:
    found = asymmetry(delivered)
    assert found.source == "scores" and found.low is not None and found.low > 4


def test_early_is_the_norm_there(delivered: ir.Table) -> None:
    found = ratchet(delivered, unit="days")
    assert isinstance(found, Ratchet)
    assert found.early and not found.never_bites and 10 <= found.usual_gap <= 14
