"""How letters look: whose, signed by whom, how large."""

from dataclasses import dataclass
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True, kw_only=True)
class LetterPolicy(Policy):
    """What stands on every letter besides its text."""

    kind: ClassVar[str] = "letters"

    sender: tuple[str, ...] = ()  # the business's own address, line by line
    signed: str = ""  # who signs, in print below the text
    large_print: bool = False

    def __post_init__(self) -> None:
        if len(self.sender) > 6:
            raise InputError("sender: six lines at most")
        if any(len(line) > 80 for line in (*self.sender, self.signed)):
            raise InputError("sender: 80 characters a line at most")
