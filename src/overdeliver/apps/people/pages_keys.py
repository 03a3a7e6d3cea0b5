"""Keys for programs: made, shown once, revoked."""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.people import actions, listing
from overdeliver.apps.people.forms import key_form, right_word
from overdeliver.vocabulary.errors import InputError


@needs("keys.manage")
def keys(request: HttpRequest) -> HttpResponse:
    """`/settings/keys/`: which programs may do what, and when they last did."""
    form = key_form()
    if request.method == "POST" and form.fill(request.POST):
        until = form.day("expires")
        end = timezone.make_aware(datetime.combine(until, time.max)) if until else None
        if form.right:
            try:
                key = actions.make_key(
                    form.text("name"), form["rights"].chosen, by=request.user.pk, expires_at=end
                )
            except InputError as error:
                form.refuse(error)
            else:
                return render(request, "people/key.html", {"key": key, "name": form.text("name")})
    now = timezone.now()
    rows, working = [], 0
    for row in listing.api_keys():
        expired = bool(row.expires_at and row.expires_at <= now)
        working += not (expired or row.revoked_at)
        words = [right_word(right) for right in row.rights]
        rows.append({"key": row, "rights": words, "expired": expired})
    context = {"rows": rows, "form": form, "working": working}
    return render(request, "people/keys.html", context, status=200 if form.right else 422)


@needs("keys.manage")
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """A key works no longer, for good."""
    actions.revoke_key(number)
    messages.success(request, str(word("people.keys.revoked")))
    return redirect("settings_keys")
