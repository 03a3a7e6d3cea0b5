"""The page of a complaint: whose it is, and when it ends."""

from datetime import timedelta

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.recovery.models import Case
from overdeliver.vocabulary.errors import NotFound


def case_of_link(token: str) -> Case:
    """The complaint of a customer's link. NotFound: no such link, or its page has ended."""
    days = business.policy(RetentionPolicy).links_days  # first: every link takes equally long
    rows = Case.objects.select_related("owner", "cause", "merged_into")
    row = rows.filter(token=token).first()
    if row is None or _over(row, days):
        raise NotFound("this link leads nowhere")  # said the same way for all
    return row


def _over(row: Case, days: int) -> bool:
    """So many days after it, or the one it is part of, was closed; never while it is open."""
    closed_at = (row.merged_into or row).closed_at
    if closed_at is None or not days:
        return False
    return closed_at + timedelta(days=days) <= timezone.now()
