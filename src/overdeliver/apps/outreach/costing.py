"""What a message that went out has cost."""

from typing import Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.outreach.rules.costs import ChannelCosts


def cost_of(channel: str) -> dict[str, Any]:
    """The columns of a message's cost, by the policy in force; none for what never costs."""
    here = business.business()
    if channel == "webhook" or here is None:
        return {}
    costs = business.policy(ChannelCosts)
    return {"cost": costs.of_channel(channel), "currency": here.currency}
