"""The texts of care: one content for mail, letter and telephone."""

from pathlib import Path

from overdeliver.apps.outreach.texts import declare

FOLDER = Path(__file__).parent / "letters"
FIELDS = (
    "order.reference",
    "order.link",
    "care.promised",
    "care.next",
    "care.link",
    "care.withdraw",
)
LINKS = ("order.link", "care.link")

#: For mail and letter alike.
WRITTEN = (
    "care_confirm",
    "care_support",
    "care_arrived",
    "care_exceeded",
    "care_recovered",
    "care_anniversary",
    "care_first_visit",
)
#: For a person: what to say on the telephone, and suggested words of thanks.
SPOKEN = ("care_call", "care_thanks")

for _name in (*WRITTEN, *SPOKEN):
    declare(_name, "reassurance", FIELDS, links=LINKS, folder=FOLDER)


def contents_of(channel: str) -> tuple[str, ...]:
    """The texts a step of a channel can have.

    >>> contents_of("letter") == contents_of("mail"), contents_of("thanks")
    (True, ('care_thanks',))
    """
    if channel in ("mail", "letter"):
        return WRITTEN
    return ("care_call",) if channel == "call" else ("care_thanks",)
