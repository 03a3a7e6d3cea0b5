"""The ladder of this business's customers, drawn anew when there are other orders."""

from functools import lru_cache

from overdeliver.apps.business import reads as business
from overdeliver.apps.desk.rules import LoyaltyPolicy
from overdeliver.apps.promises import visits
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.ladder import Ladder, ladder


def drawn() -> Ladder | NotEnough:
    """Where customers stand on the day of the last order, by the policy in force."""
    policy = business.policy(LoyaltyPolicy)
    return _drawn(visits.mark(), business.zone(), policy.regular_from, policy.loyal_from)


@lru_cache(maxsize=1)
def _drawn(
    mark: tuple[object, ...], zone: str, regular_from: int, loyal_from: int
) -> Ladder | NotEnough:
    found = visits.visits(zone)
    return ladder(found.customers, found.days, regular_from=regular_from, loyal_from=loyal_from)
