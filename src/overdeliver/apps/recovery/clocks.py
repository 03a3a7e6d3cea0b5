"""When steps are due, by the business calendar: opening hours, split shifts, holidays, zones."""

from datetime import datetime, timedelta

from overdeliver.apps.business import reads as business
from overdeliver.apps.recovery.rules.policies import LoopPolicy


def due_after(state: str, since: datetime, policy: LoopPolicy | None = None) -> datetime | None:
    """When the step after a state is due, in UTC or the business's zone; None: there is none.

    Hours count while the business is open; where no hours are set, every hour counts.
    """
    found = (policy or business.policy(LoopPolicy)).hours_after(state)
    if found is None:
        return None
    work, hours = timedelta(hours=found), business.hours()
    return hours.plus(since, work) if hours else since + work
