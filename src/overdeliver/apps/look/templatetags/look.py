"""Words, numbers and outcomes for templates. Built in: no template has to load it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import has_word
from overdeliver.apps.look.words import word as find_word

register = template.Library()

SHAPES = {"broken": "▼", "met": "●", "exceeded": "▲", "open": "○", "unknown": "◌"}


def _safe(text: Markup) -> SafeString:
    return mark_safe(str(text))  # Markup has been escaped already


@register.simple_tag
def word(key: str, **values: Any) -> SafeString:
    """`{% word "promises.list.n" count=n n=n %}`: a text, what is filled in escaped."""
    return _safe(find_word(key, **values))


@register.simple_tag
def plain_word(key: str, **values: Any) -> SafeString:
    """A text for letters that are no HTML: nothing in it is escaped."""
    return mark_safe(Markup(find_word(key, **values)).unescape())


@register.filter
def said(key: str) -> SafeString | str:
    """The word of a key that comes from data; the key itself where there is none."""
    return _safe(find_word(key)) if has_word(key) else key


@register.filter
def has_said(key: str) -> bool:
    """Whether there is a word of a key that comes from data."""
    return has_word(key)


@register.filter
def browser_name(agent: str) -> str:
    """What a browser calls itself, in two words: ``Firefox, Windows``; cut short where unknown."""
    program = next((name for mark, name in _PROGRAMS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (program, system))) or agent[:60]


#: In this order: most browsers also name those they want to be taken for.
_PROGRAMS = (
    ("Firefox/", "Firefox"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex"),
    ("SamsungBrowser/", "Samsung"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def event_word(name: str) -> SafeString | str:
    """What an event is called: `promises.promise_made` is `promises.event.promise_made`."""
    chapter, _, rest = name.partition(".")
    return said(f"{chapter}.event.{rest}")


@register.filter
def actor_word(actor: str) -> SafeString | str:
    """Who `staff:7` or `worker` is; names of staff are filled in by the page that knows them."""
    kind, _, number = actor.partition(":")
    key = f"look.actor.{kind}"
    return _safe(find_word(key, number=number)) if has_word(key) else actor


@register.simple_tag
def verdict(name: str) -> SafeString:
    """`{% verdict "broken" %}`: colour, shape and word."""
    label = find_word(f"look.verdict.{name}")
    return _safe(
        Markup('<span class="tag {}"><span aria-hidden="true">{}</span> {}</span>').format(
            name, SHAPES[name], label
        )
    )


@register.simple_tag
def tag(kind: str, label: str) -> SafeString:
    """The same form with a word of one's own: `{% tag "met" "could promise less" %}`."""
    return _safe(
        Markup('<span class="tag {}"><span aria-hidden="true">{}</span> {}</span>').format(
            kind, SHAPES.get(kind, "●"), label
        )
    )


@register.simple_tag(takes_context=True)
def link_with(context: template.Context, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away.

    `{% link_with after=page.next verdict=None %}`
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else request.path


@register.simple_tag
def share_interval(low: float, high: float) -> str:
    """`{% share_interval rate.low rate.high %}`: 6–14%, rounded outwards."""
    return numbers.share_interval(low, high)


register.filter("number", numbers.number)
register.filter("share", numbers.share)
register.filter("money", numbers.money)
register.filter("day", numbers.day)
register.filter("moment", numbers.moment)
register.filter("ago", numbers.ago)


@register.filter
def pairs(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """`{% for name, value in features|pairs %}`.

    A template takes `.items` for the key of that name where there is one, and shops tell of items.
    """
    return table.items()


@register.filter
def in_unit(value: Any, unit: str) -> SafeString:
    """`{{ promise.promised|in_unit:promise.unit }}`: 3 days, 45 minutes, €120."""
    return _safe(numbers.length(value, unit))


@register.filter
def iso(value: datetime | None) -> str:
    """A moment as machines read it, for `<time datetime>`."""
    return value.isoformat(timespec="minutes") if value else ""
