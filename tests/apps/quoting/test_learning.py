"""From the ledger to a published model, and quotes that are kept as they say."""

import pytest

from overdeliver.apps.quoting import actions, reads
from tests.apps.quoting.conftest import Simulated, kept_band

pytestmark = pytest.mark.django_db


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
