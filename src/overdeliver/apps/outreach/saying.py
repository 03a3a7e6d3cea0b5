"""Messages in words, in the language of the request."""

from overdeliver.apps.look.words import has_word, word
from overdeliver.apps.outreach.texts import Kind


def reason(code: str) -> str:
    """Why a message is where it is; a code that has no word is shown as it is."""
    if not code:
        return ""
    key = f"outreach.reason.{code}"
    return str(word(key) if has_word(key) else word("outreach.reason.other", code=code))


def text_name(kind: Kind) -> str:
    """What a kind of message is called, by a word of the chapter it is of."""
    chapter = kind.folder.parent.name
    for key in (f"{chapter}.text.{kind.name}", f"{chapter}.content.{kind.name}"):
        if has_word(key):
            return str(word(key))
    return kind.name.replace("_", " ")


def because(key: str) -> str:
    """Why a message was written, by the key of its word; empty where there is none."""
    return str(word(key)) if has_word(key) else ""


def event(name: str) -> str:
    """An event's name for people; the test's own word."""
    chapter, _, rest = name.partition(".")
    key = "outreach.hooks.test_event" if chapter == "overdeliver" else f"{chapter}.event.{rest}"
    return str(word(key)) if has_word(key) else name
