"""Answers: what customers said, and the public page of one question."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overdeliver.apps.business import reads as business
from overdeliver.apps.listening import answers, asking
from overdeliver.apps.listening.actions import KINDS
from overdeliver.apps.listening.models import Ask
from overdeliver.apps.listening.rules import QUESTIONS, SurveyPolicy
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.words import language, word
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

MISSES, _MINUTE = 30, 60


@needs("customers.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/answers/`: the figures of each kind of question, then what was said."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "q")}
    if asked["kind"] not in KINDS:
        asked["kind"] = ""
    rows, following = answers.said(asked["kind"], asked["q"], request.GET.get("after", ""))
    context = {
        "results": answers.results(),
        "asked": answers.asked(),
        "needed": answers.NEEDED,
        "rows": rows,
        "next": following,
        "filter": asked,
        "filtered": any(asked.values()),
        "kinds": KINDS,
        "on": business.policy(SurveyPolicy).on,
    }
    return render(request, "listening/answers.html", context)


@needs(PUBLIC)
@csrf_exempt  # the link itself is the proof; a reader's mail program may keep no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, token: str) -> HttpResponse:
    """`/a/TOKEN/`: one question. Opening it records nothing; ``?score=`` only preselects."""
    counter = f"question-misses:{request.META.get('REMOTE_ADDR', '')}"
    if cache.get(counter, 0) >= MISSES:
        return _quiet(render(request, "listening/no_question.html", status=429))
    try:
        row = asking.opened(token)
    except NotFound:
        cache.add(counter, 0, _MINUTE)
        cache.incr(counter)
        return _quiet(render(request, "listening/no_question.html", status=404))
    card = people.customer_of(row.customer_id)
    with translation.override(request.COOKIES.get("language") or card.language or language()):
        if request.method == "POST":
            return _quiet(_post(request, token, row))
        return _quiet(_page(request, token, row))


def _page(request: HttpRequest, token: str, row: Ask, error: str = "") -> HttpResponse:
    low, high, _ = QUESTIONS[row.question]
    context = {
        "token": token,
        "row": row,
        "scores": range(low, high + 1),
        "chosen": request.POST.get("score", request.GET.get("score", "")),
        "text": request.POST.get("text", ""),
        "ask": f"listening.question.{row.question}",
        "worst": f"listening.question.{row.question}_low",
        "best": f"listening.question.{row.question}_high",
        "error": error,
        "tongue": language(),
    }
    response = render(request, "listening/question.html", context, status=422 if error else 200)
    response.headers["Content-Language"] = language()
    return response


def _post(request: HttpRequest, token: str, row: Ask) -> HttpResponse:
    score = request.POST.get("score", "")
    try:
        if not (score.isdecimal() and len(score) < 3):
            raise InputError("score")
        asking.answer(row, float(score), request.POST.get("text", "")[:4000])
    except InputError:
        return _page(request, token, row, str(word("listening.question.choose")))
    except Conflict:
        pass  # it stands as it was answered first
    return redirect("question", token)


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
