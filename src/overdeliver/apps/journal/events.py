"""Events, and who listens to them.

An event is a frozen dataclass in the ``events`` room of the chapter it happens in; its name is
``chapter.snake_case_of_the_class``. A listener is registered by name once and for all: the name is
what the journal remembers as done.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of every event; fields are JSON values, moments, dates or decimals.

    ``subject`` names what it happened to, as ``kind:reference`` (``promise:p-17``): the thread
    that "why?" follows. Nothing personal belongs in an event: references only.
    """

    subject: str

    @classmethod
    def name(cls) -> str:
        """The chapter and the class: what the journal writes down.

        >>> Event.name()
        'journal.event'
        """
        chapter = cls.__module__.split(".")[-2]
        return f"{chapter}.{re.sub(r'(?<!^)(?=[A-Z])', '_', cls.__name__).lower()}"

    def data(self) -> dict[str, Any]:
        """The fields as JSON values, without the subject."""
        fields = {key: plain(value) for key, value in asdict(self).items()}
        fields.pop("subject")
        return fields


@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(Event):
    """Somebody had an event that its listener could not take delivered again."""

    listener: str


@dataclass(frozen=True)
class Heard:
    """An event as a listener receives it."""

    id: int
    name: str
    subject: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """The subject without its kind."""
        return self.subject.partition(":")[2]


Listener = Callable[[Heard], None]
Some = TypeVar("Some", bound=Listener)

#: Event name -> listener name -> listener.
LISTENERS: dict[str, dict[str, Listener]] = {}


def listens(event: str, name: str) -> Callable[[Some], Some]:
    """Register a listener: it runs once for each event, in a transaction of its own, retried alone.

    ``event`` is an event's name (``promises.promise_broken``), ``name`` the listener's own, which
    must never change (``outreach.tell_webhooks``).
    """

    def register(listener: Some) -> Some:
        LISTENERS.setdefault(event, {})[name] = listener
        return listener

    return register


def plain(value: Any) -> Any:
    """A value as JSON holds it: moments in ISO, decimals as text, tuples as lists.

    >>> plain({"amount": Decimal("1.50"), "days": (1, 2)})
    {'amount': '1.50', 'days': [1, 2]}
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value
