"""Settings: every policy there is, its fields, its versions, an old version put in force again."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import actions, listing, reads
from overdeliver.apps.business.fields import Form
from overdeliver.apps.business.policy_form import (
    policy_form,
    policy_words,
    read_policy,
    shown_value,
)
from overdeliver.apps.business.rules import Policy, policy_kind, policy_kinds
from overdeliver.apps.business.settings_lines import actor_names
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


@needs("settings.see")
def policies(request: HttpRequest) -> HttpResponse:
    """`/settings/policies/`: how the business promises, kind by kind."""
    counts = listing.version_counts()
    rows = [
        {
            "kind": kind.kind,
            "title": policy_words(kind, "title"),
            "about": policy_words(kind, "about"),
            "version": counts.get(kind.kind, 1),
        }
        for kind in policy_kinds()
    ]
    context = {"rows": rows, "changed": sum(1 for row in rows if row["kind"] in counts)}
    return render(request, "business/policies.html", context)


@needs("settings.see")
def policy(request: HttpRequest, kind: str) -> HttpResponse:
    """`/settings/policies/KIND/`: the fields in force and every version."""
    found = _kind(kind)
    return _page(request, found, policy_form(reads.policy(found)))


@needs("settings.write")
@require_POST
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """Put a new version in force."""
    found = _kind(kind)
    form = policy_form(reads.policy(found))
    form.fill(request.POST)
    typed = read_policy(form, found)
    if typed is None:
        return _page(request, found, form, 422)
    seen = request.POST.get("version", "")
    expected = int(seen) if _is_number(seen) else None
    try:
        version = actions.set_policy(typed, note=form.text("note"), expected=expected)
    except Conflict:
        form.error = str(word("business.policy_page.conflict"))
        return _page(request, found, form, 409)
    messages.success(request, str(word("business.policy_page.set", n=version)))
    return redirect("settings_policy", kind=kind)


@needs("settings.write")
@require_POST
def restore(request: HttpRequest, kind: str) -> HttpResponse:
    """Put an old version in force again, as a new one."""
    found = _kind(kind)
    wanted = request.POST.get("version", "")
    data = _data_of(found, int(wanted) if _is_number(wanted) else 0)
    try:
        typed = found.of(data, 1)
    except (InputError, TypeError):
        raise InputError(f"policy {kind}: version {wanted} does not fit any more") from None
    version = actions.set_policy(typed, note=str(word("business.policy_page.restored", n=wanted)))
    messages.success(request, str(word("business.policy_page.set", n=version)))
    return redirect("settings_policy", kind=kind)


def _page(request: HttpRequest, kind: type[Policy], form: Form, status: int = 200) -> HttpResponse:
    known = listing.versions(kind)
    names = actor_names()
    context = {
        "kind": kind.kind,
        "title": policy_words(kind, "title"),
        "about": policy_words(kind, "about"),
        "form": form,
        "version": known[0].version if known else 1,
        "versions": [_version(kind, one, names) for one in known],
    }
    return render(request, "business/policy.html", context, status=status)


def _version(
    kind: type[Policy], one: listing.VersionCard, names: Mapping[str, str]
) -> dict[str, Any]:
    changes = [(policy_words(kind, name), shown_value(one.data[name])) for name in one.changed]
    return {"card": one, "changes": changes, "name": names.get(one.by, "")}


def _data_of(kind: type[Policy], version: int) -> dict[str, Any]:
    if version == 1:
        return kind().data()
    for one in listing.versions(kind):
        if one.version == version:
            return one.data
    raise NotFound(f"policy {kind.kind}: there is no version {version}")


def _kind(name: str) -> type[Policy]:
    found = policy_kind(name)
    if found is None:
        raise NotFound(f"policy {name!r}: there is none of that kind")
    return found


def _is_number(text: str) -> bool:
    """Whether it can be a version: Python refuses to read numbers of thousands of digits."""
    return text.isdecimal() and len(text) < 18
