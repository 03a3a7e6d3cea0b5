"""Links that chapters above this one add to the public status page of an order, in their
``listeners``: ``links_from_status("complaint", "recovery.door.question", "complain_order")``."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class StatusLink:
    """A link: its word's key, and the url's name that takes the order's token."""

    word: str
    url: str


_LINKS: dict[str, StatusLink] = {}


def links_from_status(name: str, word: str, url: str) -> None:
    """Add a link to every status page; the same name again replaces it."""
    _LINKS[name] = StatusLink(word, url)


def status_links(token: str) -> list[tuple[str, str]]:
    """The links of an order's status page: the word's key, and where it leads."""
    return [(one.word, reverse(one.url, args=[token])) for one in _LINKS.values()]
