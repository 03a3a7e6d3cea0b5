"""Quotes anybody may ask for, on the shop's own pages: a script, its answer, and a plain page.

Only services marked public are answered, only features their model knows are read, and nothing is
stored: a promise is made when a quote of the API is accepted.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.numbers import length
from overdeliver.apps.look.open_doors import caller
from overdeliver.apps.look.words import language
from overdeliver.apps.people.buckets import spend
from overdeliver.apps.quoting import actions, reads, serving
from overdeliver.vocabulary.errors import InputError, NotFound, TooManyCalls

_LANGUAGES = ("en", "pt", "ru", "ro", "kk")
_BODY = 20_000
#: How often one address may ask: so many a second, and so many at once.
PER_SECOND, BURST = 2.0, 60


@needs(PUBLIC)
@require_GET
def script(request: HttpRequest, slug: str) -> HttpResponse:
    """`/q/SERVICE.js`: fills the shop's elements with the promise, or leaves their text alone."""
    _public(slug)
    text = (files("overdeliver.apps.quoting") / "snippet.js").read_text("utf-8")
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@csrf_exempt
@needs(PUBLIC)
@require_http_methods(["GET", "POST", "OPTIONS"])
def quote(request: HttpRequest, slug: str) -> HttpResponse:
    """`/q/SERVICE/quote`: the promise as JSON, for web sites named in the policy."""
    of = _public(slug)
    origin = request.headers.get("Origin", "")
    if origin and origin.lower() not in (*of.policy.origins, settings.PUBLIC_URL):
        return _answer({"detail": "this web site is not named in the policy"}, 403, "")
    if request.method == "OPTIONS":
        response = _answer({}, 200, origin)
        response["Access-Control-Allow-Methods"] = "GET, POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
        response["Access-Control-Max-Age"] = "86400"
        return response
    try:
        _spend(request)
        given, tongue = _asked(request)
        found = _look(of, given, tongue)
    except TooManyCalls as error:
        return _answer({"detail": str(error)}, 429, origin)
    except InputError as error:
        return _answer({"detail": str(error)}, 422, origin)
    return _answer(
        {
            "service": slug,
            "shown": found.shown,
            "promise": found.words,
            "due_at": found.due_at.isoformat() if found.due_at and found.shown else None,
            "promised": found.promised if found.shown else None,
            "unit": found.unit,
        },
        200,
        origin,
    )


@needs(PUBLIC)
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """`/q/SERVICE/`: the same as a page with a form, for browsers without scripts."""
    of = _public(slug)
    found, error = None, ""
    if request.GET or not _known(of):
        _spend(request)
        try:
            found = _look(of, request.GET.dict(), language())
        except InputError as wrong:
            error = str(wrong)
    context = {
        "service": of.service,
        "found": found,
        "low": length(found.low if found else None, of.service.unit),
        "high": length(found.high if found else None, of.service.unit),
        "error": error,
        "fields": _fields(of, request.GET),
    }
    return render(request, "quoting/public.html", context, status=422 if error else 200)


def _public(slug: str) -> serving.Serving:
    of = serving.serving(slug)
    if slug not in of.policy.public:
        raise NotFound(f"service {slug!r}: there is no public quote of that name")
    return of


def _known(of: serving.Serving) -> Mapping[str, str]:
    return of.learned.schema if of.learned else {}


def _look(of: serving.Serving, given: Mapping[str, Any], tongue: str) -> reads.QuoteCard:
    known = {name: value for name, value in given.items() if name in _known(of)}
    return actions.look_at_quote(
        of.service.slug, known, language=tongue if tongue in _LANGUAGES else of.language
    )


def _asked(request: HttpRequest) -> tuple[Mapping[str, Any], str]:
    """The features and the language of a call, from its address or its JSON."""
    if request.method == "GET":
        given: Mapping[str, Any] = request.GET.dict()
        return given, str(given.get("language", ""))[:2].lower()
    if len(request.body) > _BODY:
        raise InputError("the question is too long")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise InputError("the body must be JSON") from None
    features = body.get("features", {}) if isinstance(body, dict) else None
    if not isinstance(features, dict):
        raise InputError("features: an object of names and values is needed")
    return features, str(body.get("language", ""))[:2].lower()


def _fields(of: serving.Serving, typed: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the form asks; the values known (sellers, people) are not shown to everybody."""
    return [
        {"name": name, "kind": kind, "typed": str(typed.get(name, ""))}
        for name, kind in _known(of).items()
        if name != "currency"
    ]


def _answer(body: Mapping[str, Any], status: int, origin: str) -> JsonResponse:
    response = JsonResponse(dict(body), status=status)
    response["Vary"] = "Origin"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if origin:
        response["Access-Control-Allow-Origin"] = origin
    return response


def _spend(request: HttpRequest) -> None:
    spend(f"quote:{caller(request)}", per_second=PER_SECOND, most=BURST)
