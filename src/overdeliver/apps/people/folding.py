"""How names are compared when they are searched."""

from unicodedata import normalize


def folded(*texts: str) -> str:
    """Texts as they are searched: no accents, no case.

    >>> folded("João Ștefan", "A@b.RO")
    'joao stefan a@b.ro'
    """
    plain = normalize("NFKD", " ".join(text for text in texts if text)).casefold()
    return "".join(c for c in plain if not "\u0300" <= c <= "\u036f")[:700]
