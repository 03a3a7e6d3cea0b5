"""Doors behind a link that nobody can guess: status page, complaint, choices, question, pack.

Every link that leads nowhere is answered alike, whoever tries many has to wait, and nothing of
such a page is kept by machines or told to others.
"""

import hashlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from overdeliver.apps.look.words import language
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import NotFound

View = TypeVar("View", bound=Callable[..., HttpResponse])

#: Links that lead nowhere, from one address within a minute, before it has to wait.
MISSES = 30
LONGEST = 200  # characters of a link's token that are looked at
_MINUTE = 60
_COUNTING = threading.Lock()


def behind_link(nowhere: str) -> Callable[[View], View]:
    """A view behind a link; where it raises NotFound the template ``nowhere`` is shown.

    The template hears ``wait`` where an address has tried too many.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            counter = f"misses:{nowhere}:{hashlib.sha256(caller(request).encode()).hexdigest()}"
            if cache.get(counter, 0) >= MISSES:
                return quiet(render(request, nowhere, {"wait": True}, status=429))
            try:
                return quiet(view(request, *args, **kwargs))
            except NotFound:
                with _COUNTING:  # the cache itself reads and writes in two steps
                    cache.set(counter, cache.get(counter, 0) + 1, _MINUTE)
                return quiet(render(request, nowhere, status=404))

        return cast(View, guarded)

    return guard


def caller(request: HttpRequest) -> str:
    """The caller's address; the server has put in what the outermost trusted proxy saw."""
    return str(request.META.get("REMOTE_ADDR", ""))


def tongue(request: HttpRequest, own: str) -> str:
    """The reader's own choice, else the language somebody is known by, else the browser's."""
    chosen = request.COOKIES.get("language", "")
    return next((one for one in (chosen, own[:2]) if one in LANGUAGES), language())


def quiet(response: HttpResponse) -> HttpResponse:
    """Nothing of a page behind a link is kept by machines or told to others."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
