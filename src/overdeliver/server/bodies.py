"""Bodies read strictly: what two readers could read differently is refused."""

import json
import re
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from overdeliver.vocabulary.errors import InputError

#: A character of code 0, spelled out; no database of ours can keep one.
_ZERO = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class NoJson(InputError):
    """The body is no JSON, or not in one way only."""


class Strict(Parser):
    """JSON in which every name stands once and every number is one."""

    def parse_body(self, request: HttpRequest) -> Any:
        """What the body says. NoJson: nothing for sure; InputError: what nobody can keep."""
        return read(request.body)


def read(body: bytes) -> Any:
    """The value a body holds. NoJson: none, a name twice, NaN; InputError: a character of code 0.

    >>> read(b'{"a": 1}')
    {'a': 1}
    >>> read(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    overdeliver.server.bodies.NoJson: body: the name 'a' stands there twice
    """
    try:
        text = body.decode("utf-8-sig")
        if _ZERO.search(text):
            raise InputError("body: it holds a character of code 0")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except UnicodeError:
        raise NoJson("body: it is not UTF-8") from None
    except RecursionError:
        raise NoJson("body: it is nested too deep") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NoJson(f"body: no JSON at {where}: {error.msg}") from None
    except ValueError:  # a whole number of thousands of digits
        raise NoJson("body: it holds a number nobody can keep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NoJson(f"body: the name {twice[:80]!r} stands there twice")
    return found


def _never(name: str) -> Any:
    raise NoJson(f"body: {name} is no number")
