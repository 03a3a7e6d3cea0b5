"""Answers: what customers said, and the public page of one question."""

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
from overdeliver.apps.look.open_doors import behind_link, tongue
from overdeliver.apps.look.words import language, word
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import Conflict, InputError


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
@behind_link("listening/no_question.html")
def question(request: HttpRequest, token: str) -> HttpResponse:
    """`/a/TOKEN/`: one question. Opening it records nothing; ``?score=`` only preselects."""
    row = asking.opened(token)
    card = people.customer_of(row.customer_id)
    with translation.override(tongue(request, card.language)):
        return (
            _post(request, token, row) if request.method == "POST" else _page(request, token, row)
        )


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
