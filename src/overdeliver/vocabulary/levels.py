"""Service classes in order: which is higher, and by how many steps."""

from dataclasses import dataclass
from unicodedata import normalize

from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True)
class Levels:
    """Names of service classes, lowest first; a class is one step above the one before it.

    Names are told apart without regard to case and outer blanks. InputError: a name stands twice
    or is empty, or there is none.

    >>> cabin = Levels(("economy", "business", "first"))
    >>> cabin.rank("Business"), cabin.steps(booked="economy", delivered="business")
    (2, 1)
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        keys = [_key(name) for name in self.names]
        if not keys or "" in keys:
            raise InputError("service classes: give one name or more, none of them empty")
        twice = next(
            (n for n, key in zip(self.names, keys, strict=True) if keys.count(key) > 1), None
        )
        if twice is not None:
            raise InputError(f"service classes: {twice!r} stands twice")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _key(name) in map(_key, self.names)

    def rank(self, name: str) -> int:
        """The place of a class, 1 for the lowest. InputError: no such class."""
        if name not in self:
            raise InputError(f"service class {name!r} is none of {', '.join(self.names)}")
        return [_key(known) for known in self.names].index(_key(name)) + 1

    def steps(self, *, booked: str, delivered: str) -> int:
        """Steps from the class booked to the class delivered, up for the customer positive."""
        return self.rank(delivered) - self.rank(booked)


def _key(name: str) -> str:
    return normalize("NFKC", name).strip().casefold()
