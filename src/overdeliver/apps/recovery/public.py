"""The door for customers: a complaint in under a minute, and the page on which they follow it.

No sign-in, no script. GET and HEAD never change anything, so that link scanners may knock as they
like; acting is a POST whose proof is the page's own link, so it needs no cookie.
"""

import hashlib
import time
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.fields import Form
from overdeliver.apps.business.listing import touchpoint
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.open_doors import LONGEST, behind_link, caller, tongue
from overdeliver.apps.look.words import language, word
from overdeliver.apps.people.buckets import spend
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery import actions, reads
from overdeliver.apps.recovery.forms import door_form, read_door
from overdeliver.apps.recovery.rules.door import seconds_between
from overdeliver.apps.recovery.rules.policies import RemedyPolicy
from overdeliver.vocabulary.errors import Conflict, InputError, TooManyCalls

#: Complaints sent from one address within a minute.
POSTS, _MINUTE = 20, 60
_NOWHERE = "recovery/no_door.html"
_SALT = "recovery.door"


@csrf_exempt
@needs(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(_NOWHERE)
def door(request: HttpRequest) -> HttpResponse:
    """`/c/`: a complaint about anything."""
    return _door(request)


@csrf_exempt
@needs(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(_NOWHERE)
def door_of_order(request: HttpRequest, token: str) -> HttpResponse:
    """`/c/o/TOKEN/`: about an order; the token is that of its status page."""
    order = promises.order_of_token(token[:LONGEST])
    with translation.override(tongue(request, order.customer.language if order.customer else "")):
        return _door(request, order=order.reference)


@csrf_exempt
@needs(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(_NOWHERE)
def door_of_touchpoint(request: HttpRequest, slug: str) -> HttpResponse:
    """`/c/t/TOUCHPOINT/`: about a place or a moment, such as the counter."""
    return _door(request, touchpoint=slug, place=touchpoint(slug[:80]).name)


@needs(PUBLIC)
@require_http_methods(["GET", "HEAD"])
@behind_link(_NOWHERE)
def case(request: HttpRequest, token: str) -> HttpResponse:
    """`/c/k/TOKEN/`: how a complaint stands, for whoever has its link."""
    return _case(request, token)


@csrf_exempt
@needs(PUBLIC)
@require_POST
@behind_link(_NOWHERE)
def judge(request: HttpRequest, token: str) -> HttpResponse:
    """The customer says whether it is good now."""
    answer = request.POST.get("good", "")
    if answer not in ("yes", "no"):
        return _case(request, token, str(word("recovery.own.choose")), 422)
    said = request.POST.get("words", "").strip()[:2000]
    said = said or str(word("recovery.own.was_good" if answer == "yes" else "recovery.own.was_not"))
    try:
        with acting("customer"):
            actions.judge(token[:LONGEST], good=answer == "yes", words=said)
    except Conflict:
        return _case(request, token, str(word("recovery.own.not_now")), 409)
    return redirect("complaint", token=token)


@csrf_exempt
@needs(PUBLIC)
@require_POST
@behind_link(_NOWHERE)
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The customer says how it is to be made good."""
    try:
        with acting("customer"):
            actions.choose_remedy(token[:LONGEST], request.POST.get("choice", ""))
    except InputError:
        return _case(request, token, str(word("recovery.own.choose")), 422)
    except Conflict:
        return _case(request, token, str(word("recovery.own.not_now")), 409)
    return redirect("complaint", token=token)


def _door(
    request: HttpRequest, *, order: str = "", touchpoint: str = "", place: str = ""
) -> HttpResponse:
    form, status = door_form(), 200
    if request.method == "POST":
        if request.POST.get("website"):  # people do not see this field
            return render(request, "recovery/thanks.html", {"case": None})
        status = 422
        try:
            spend(f"complaint:{caller(request)}", per_second=POSTS / _MINUTE, most=POSTS)
            if made := _opened(request, form, order, touchpoint):
                return redirect("complaint", token=made)
        except TooManyCalls:  # what was typed stays in the form
            form.fill(request.POST)
            form.error, status = str(word("recovery.none.wait")), 429
    stamp = request.POST.get("opened") or signing.dumps(int(time.time()), salt=_SALT)
    context = {
        "form": form,
        "order": order,
        "place": place,
        "opened": stamp,
        "tongue": language(),
    }
    return render(request, "recovery/door.html", context, status=status)


def _opened(request: HttpRequest, form: Form, order: str, touchpoint: str) -> str:
    """The token of the complaint, or empty where the form says what is wrong."""
    if not form.fill(request.POST):
        return ""
    try:
        kept = actions.keep_files(one.read() for one in _files(request))
        with actions.handed_over(kept), acting("customer"):
            told = read_door(form, touchpoint, _seconds(request), language())
            stamp = request.POST.get("opened", "")
            sum_ = hashlib.sha256(f"{stamp}{told.text}".encode()).hexdigest()
            key = f"page:{sum_}" if stamp else ""
            return actions.open_case(told, order=order, files=kept, key=key).token
    except InputError as error:
        _say(form, str(error).partition(":")[0])
        return ""


def _say(form: Form, what: str) -> None:
    """What is wrong, in the customer's language."""
    if what in ("text", "contact"):
        form.wrong(what, word(f"recovery.door.wrong_{what}"))
    else:
        form.error = str(word("recovery.door.wrong_files"))


def _files(request: HttpRequest) -> list[Any]:
    """The files sent; one that is far too large is not read into memory."""
    found = request.FILES.getlist("files")[:10]
    if any((one.size or 0) > 6_000_000 for one in found):
        raise InputError("files: 5 MB at most for each")
    return found


def _seconds(request: HttpRequest) -> int | None:
    try:
        opened = signing.loads(request.POST.get("opened", ""), salt=_SALT)
    except signing.BadSignature:
        opened = None
    return seconds_between(opened if isinstance(opened, int) else None, time.time())


def _case(request: HttpRequest, token: str, error: str = "", status: int = 200) -> HttpResponse:
    row = reads.case_of_token(token[:LONGEST])
    whole = reads.case(row.merged_into) if row.merged_into else row
    policy = business.policy(RemedyPolicy)
    with translation.override(tongue(request, row.language)):
        context = {
            "case": row,
            "token": token,
            "status": whole.status,
            "part": row.merged_into is not None,
            "answers": [] if row.merged_into else _answers(row.id),
            "offered": policy.offered if whole.status in ("received", "admitted") else (),
            "error": error,
            "tongue": language(),
        }
        response = render(request, "recovery/own.html", context, status=status)
        response.headers["Content-Language"] = language()
        return response


def _answers(number: int) -> list[reads.StepCard]:
    """What was said to the customer; what staff write for each other is not for him."""
    return [one for one in reads.steps(number) if one.after in ("admitted", "apologised")]
