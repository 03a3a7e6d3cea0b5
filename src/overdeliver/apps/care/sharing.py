"""The page of materials of an order: its token, open or closed."""

import secrets

from django.utils import timezone

from overdeliver.apps.care.models import Share


def token_of(order: str) -> str:
    """The token of an order's page (192 bits), made where there is none."""
    row, _ = Share.objects.get_or_create(
        order=order, defaults={"token": secrets.token_urlsafe(24), "made_at": timezone.now()}
    )
    return row.token


def order_of(token: str) -> str:
    """The order of a token; empty: there is no such page, or it is closed."""
    row = Share.objects.filter(token=token, closed_at=None).first()
    return row.order if row else ""


def close(orders: list[str]) -> int:
    """Close the pages of orders; returns how many."""
    return Share.objects.filter(order__in=orders, closed_at=None).update(closed_at=timezone.now())


def open_token(order: str) -> str:
    """The token of an order's page as it stands; empty: there is none, or it is closed."""
    row = Share.objects.filter(order=order, closed_at=None).first()
    return row.token if row else ""
