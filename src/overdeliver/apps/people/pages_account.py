"""One's own account, and the doors one comes in by: joining, a new password, the first owner."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from overdeliver.apps.business.fields import Form
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.open_doors import counted
from overdeliver.apps.look.words import word
from overdeliver.apps.people import links, listing, staffing
from overdeliver.apps.people.forms import account_form, join_form, password_field
from overdeliver.apps.people.models import Staff
from overdeliver.vocabulary.errors import Conflict, InputError

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_YEAR = 365 * 24 * 3600


@needs("own.account")
def account(request: HttpRequest) -> HttpResponse:
    """`/account/`: name, language, password, second factor, sessions."""
    row = listing.staff_member(_number(request))
    form = account_form(row)
    if request.method == "POST" and form.fill(request.POST):
        try:
            staffing.change_staff(
                row.id,
                role=row.role,
                team=row.team,
                name=form.text("name"),
                language=form.text("language"),
            )
        except InputError as error:
            form.refuse(error)
        else:
            messages.success(request, str(word("people.saved")))
            return _with_language(redirect("account"), form.text("language"))
    context = {
        "row": row,
        "form": form,
        "owes": getattr(request, "owes_factor", False),
        "hint": row.role in ("owner", "manager") and not row.second_factor,
    }
    return render(request, "people/account.html", context, status=200 if form.right else 422)


@needs("own.account")
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own, this one too."""
    staffing.sign_out_everywhere(_number(request))
    logout(request)
    return redirect("account_login")


@needs(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
@counted
def join(request: HttpRequest, token: str) -> HttpResponse:
    """`/join/TOKEN/`: somebody invited takes his place."""
    invitation = links.opened(token)
    return _join(request, token, join_form(with_email=False), "people/join.html", invitation)


@needs(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
@counted
def first(request: HttpRequest, token: str) -> HttpResponse:
    """`/welcome/TOKEN/`: the first owner, by the link that the start of the server printed."""
    invitation = links.opened(token)
    form = join_form(with_email=not invitation.email)
    return _join(request, token, form, "people/first.html", invitation)


@needs(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
@counted
def choose_password(request: HttpRequest, token: str) -> HttpResponse:
    """`/password/TOKEN/`: a new password; every session ends and this one begins."""
    invitation = links.opened(token)
    form = Form(password_field())
    if request.method == "POST" and form.fill(request.POST):
        try:
            number = staffing.choose_password(token, form["password"].value)
        except InputError as error:
            form.refuse(error)
        else:
            return _signed_in(request, number)
    context = {"form": form, "invitation": invitation}
    return render(request, "people/password.html", context, status=200 if form.right else 422)


@needs("own.account")
def soon(request: HttpRequest) -> HttpResponse:
    """`/welcome/soon/`: nothing is set up yet, and this person may not do it."""
    if getattr(request, "place", None) is not None:
        return redirect("today")
    return render(request, "people/soon.html")


def _join(
    request: HttpRequest, token: str, form: Form, template: str, invitation: Any
) -> HttpResponse:
    if request.method == "POST" and form.fill(request.POST):
        try:
            number = staffing.join(
                token,
                name=form.text("name"),
                password=form["password"].value,
                email=form.text("email") if "email" in form.fields else "",
            )
        except (InputError, Conflict) as error:
            form.refuse(error)
        else:
            return _signed_in(request, number)
    context = {"form": form, "invitation": invitation}
    return render(request, template, context, status=200 if form.right else 422)


def _signed_in(request: HttpRequest, number: int) -> HttpResponse:
    """Begin a session; a second factor, where there is one, is asked at the sign-in page."""
    staff = Staff.objects.get(pk=number)
    if listing.staff_member(number).second_factor:
        return redirect("account_login")
    login(request, staff, backend=_BACKEND)
    return redirect("today")


def _number(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    if language:
        response.set_cookie(
            "language",
            language,
            _YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )
    return response
