"""Every door of the server, found by asking the server: pages and operations of the API."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from overdeliver.server.api import api

#: Doors of others, with locks of their own: sign-in, the API's own pages.
FOREIGN = ("accounts/", "api/v1/")


@dataclass(frozen=True)
class Door:
    """A page or an operation: how it is called, and the right it names."""

    name: str  # "page promises/<path:reference>/" or "POST /api/v1/promises"
    path: str  # with something filled in
    method: str
    right: str | None

    @property
    def of_api(self) -> bool:
        """Whether a key opens it."""
        return self.path.startswith("/api/")


def doors() -> list[Door]:
    """All of them, in order of their names."""
    return sorted([*_pages(), *_operations()], key=lambda door: door.name)


def _pages() -> Iterator[Door]:
    for route, view in _patterns(get_resolver().url_patterns):
        if route.startswith(FOREIGN):
            continue
        right = getattr(view, "right", None)
        method = "POST" if _needs_post(view) else "GET"
        yield Door(f"page {route or '/'}", "/" + _filled(route), method, right)


def _patterns(found: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.callback


def _needs_post(view: Any) -> bool:
    """`require_POST` stands below the right: the allowed methods are read from its closure."""
    inner = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            content = cell.cell_contents
            if isinstance(content, list | tuple) and list(content) == ["POST"]:
                return True
        inner = getattr(inner, "__wrapped__", None)
    return False


def _operations() -> Iterator[Door]:
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    route = f"/api/v1{prefix}{path}"
                    right = getattr(operation.view_func, "right", None)
                    yield Door(f"{method} {route}", _filled(route), method, right)


def _filled(route: str) -> str:
    """The route with nothing that exists filled into its places."""
    route = re.sub(r"[<{](int:\w+)[>}]", "999999", route)
    route = re.sub(r"[<{]uuid:\w+[>}]", "00000000-0000-4000-8000-000000000000", route)
    return re.sub(r"[<{][^>}]*[>}]", "none", route)
