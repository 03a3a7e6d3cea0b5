"""What is filled into the texts of care, in the language in force."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.utils import timezone, translation
from markupsafe import Markup

from overdeliver.apps.business import reads as business
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.starters import KINDS
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import texts
from overdeliver.apps.outreach.rules.filling import fill, one_line
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.promises.saying import until
from overdeliver.vocabulary.moments import zone_named


def values_of(order: promises.OrderCard, token: str) -> Mapping[str, str]:
    """The fields of a text about an order; ``token``: of its page of materials."""
    with timezone.override(zone_named(zone_of(order))):
        return {
            "order.reference": order.reference,
            "order.link": f"{settings.PUBLIC_URL}/s/{order.token}/",
            "care.promised": promised(order),
            "care.next": next_step(),
            "care.link": f"{settings.PUBLIC_URL}/m/{token}/" if token else "",
            "care.withdraw": withdraw(order),
        }


def zone_of(order: promises.OrderCard) -> str:
    """The customer's zone, else the business's."""
    return (order.customer.zone if order.customer else "") or business.zone()


def promised(order: promises.OrderCard) -> str:
    """What was promised, as a sentence; empty: nothing was."""
    rows = [row for row in promises.promises_of_order(order.reference) if not row.revised]
    current = max(rows, key=lambda row: (row.lever == "time", row.made_at), default=None)
    return _plain(word("care.say.promised", words=until(current))) if current else ""


def next_step() -> str:
    """What is worth knowing or doing now, for this kind of business."""
    here = business.business()
    kind = here.kind if here and here.kind in KINDS else "webshop"
    return _plain(word(f"care.next.{kind}"))


def withdraw(order: promises.OrderCard) -> str:
    """How and until when the order can be taken back; empty: the business says nothing of it."""
    policy = business.policy(CarePolicy)
    if not policy.withdraw_days:
        return policy.withdraw_how
    if order.completed_at:
        last = order.completed_at + timedelta(days=policy.withdraw_days)
        if last < timezone.now():
            return _plain(word("care.say.withdraw_over", day=numbers.day(last)))
        said = _plain(word("care.say.withdraw_until", day=numbers.day(last)))
    else:
        said = _plain(
            word("care.say.withdraw_days", count=policy.withdraw_days, n=policy.withdraw_days)
        )
    how = policy.withdraw_how or _plain(word("care.say.withdraw_how"))
    return f"{said} {how}"


def spoken(content: str, order: promises.OrderCard, token: str) -> tuple[str, str]:
    """A text to be said or written by hand, in the customer's language: its title and itself."""
    here = business.business()
    own = order.customer.language[:2] if order.customer else ""
    wording = texts.chosen(content, own, here.language if here else "")
    name = order.customer.name if order.customer else ""
    with translation.override(wording.language):
        greeting = word("outreach.greeting.named", name=name) if name else None
        filled = {
            "greeting": _plain(greeting or word("outreach.greeting.plain")),
            "business.name": here.name if here else "",
            **values_of(order, token),
        }
    kind = texts.kind(content)
    return one_line(fill(wording.subject, filled)), fill(wording.text, filled, kind.links)


def _plain(said: Markup) -> str:
    return said.striptags()
