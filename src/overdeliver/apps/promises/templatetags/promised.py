"""`{% load promised %}`: promises in words, for this chapter's templates."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from overdeliver.apps.promises import saying
from overdeliver.apps.promises.cards import Row

register = template.Library()


def _safe(text: object) -> SafeString:
    return mark_safe(str(text))


@register.filter
def promised_words(row: Row) -> SafeString:
    """`{{ row|promised_words }}`: 3 days, at most €120, business."""
    return _safe(saying.promised(row))


@register.filter
def until_words(row: Row) -> SafeString:
    """`{{ row|until_words }}`: by 7 March, at most €120, business."""
    return _safe(saying.until(row))


@register.filter
def actual_words(row: Row, value: float | None) -> SafeString:
    """`{{ row|actual_words:one.actual }}`: 45 minutes, €108, business."""
    return _safe(saying.amount(value, row.unit, row.classes))


@register.filter
def gap_words(row: Row) -> SafeString:
    """`{{ row|gap_words }}`: 15 minutes early, €12 over, 1 class above."""
    return _safe(saying.gap(row.gap, row.lever, row.unit))
