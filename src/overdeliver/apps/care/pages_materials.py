"""Materials, and the calendar of calls."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from overdeliver.apps.care import feeds, forms, materials
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import InputError, NotFound


@needs("care.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/care/materials/`: everything customers are given."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "kind", "language")}
    rows = materials.listed(asked["q"], asked["kind"], asked["language"])
    context = {
        "rows": rows,
        "asked": asked,
        "filtered": any(asked.values()),
        "kinds": materials.KINDS,
        "n": sum(row.shown for row in rows),
    }
    return render(request, "care/materials.html", context)


@needs("care.manage")
def one(request: HttpRequest, number: int = 0) -> HttpResponse:
    """`/care/materials/NUMBER/`: add a material, or change one."""
    values = materials.values_of(number) if number else {}
    form = forms.material_form(values)
    if request.method == "POST" and form.fill(request.POST):
        draft = forms.read_material(form)
        if form.right:
            try:
                materials.keep(draft, number or None)
            except (InputError, NotFound) as error:
                form.refuse(error)
        if form.right:
            messages.success(request, str(word("care.material.kept")))
            return redirect("care_materials")
    context = {"form": form, "number": number, "title": values.get("title", "")}
    return render(request, "care/material.html", context, status=200 if form.right else 422)


@needs("care.see")
def feed(request: HttpRequest) -> HttpResponse:
    """`/care/calendar/`: calls and thank-yous in one's own calendar."""
    return render(request, "care/feed.html", {"since": feeds.feed_of(request.user.pk or 0)})


@needs("care.see")
@require_POST
def change_feed(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once, or none any more."""
    number = request.user.pk or 0
    if request.POST.get("act") == "revoke":
        feeds.revoke_feed(number)
        messages.success(request, str(word("care.feed.revoked")))
        return redirect("care_feed")
    link = f"{settings.PUBLIC_URL}{reverse('care_calendar', args=[feeds.make_feed(number)])}"
    context = {"since": feeds.feed_of(number), "link": link}
    response = render(request, "care/feed.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
