"""What shops pass on of people's rights, as lines of the Today page."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from overdeliver.apps.desk.rules import Fact
from overdeliver.apps.intake import reads_rights
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word

#: A person is answered within a month: article 12 of the GDPR.
_MONTH = timedelta(days=30)


def rights_asked(now: datetime, rights: Collection[str]) -> Iterator[Fact]:
    """Customers who ask what is known of them, until their data were handed out; shops that left.

    Only before those who may do something about it.
    """
    since = now - _MONTH
    if "customers.export" in rights:
        for asked in reads_rights.data_asked(since):
            page = reverse("customer", args=[asked.customer.reference])
            day = numbers.day((asked.at + _MONTH).date())
            yield Fact(
                "decide",
                f"privacy:customer:{asked.customer.reference}:{asked.number}",
                asked.customer.shown,
                page,
                "desk.step.hand_out",
                page,
                f"customer:{asked.customer.reference}",
                (str(word("desk.line.data_asked", shop=asked.shop, day=day)),),
                due=asked.at + _MONTH,
                happened=asked.at,
            )
    if "settings.see" in rights:
        for gone in reads_rights.shops_gone(since):
            page = reverse("settings_source", args=[gone.slug])
            yield Fact(
                "decide",
                f"privacy:source:{gone.slug}:{gone.number}",
                gone.shop,
                page,
                "desk.step.shop_gone",
                page,
                f"source:{gone.slug}",
                (str(word("desk.line.shop_gone")),),
                happened=gone.at,
            )
