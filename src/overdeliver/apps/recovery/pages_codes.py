"""The door as staff hand it out: links and codes to print, general, by touchpoint, by order."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from overdeliver.apps.business.listing import touchpoint, touchpoints
from overdeliver.apps.look.access import needs
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery import codes


@needs("cases.see")
def door(request: HttpRequest) -> HttpResponse:
    """`/cases/door/`: the link and its code, on a page that can be printed."""
    address, name = _address(request)
    context = {
        "address": address,
        "name": name,
        "order": request.GET.get("order", "").strip(),
        "slug": request.GET.get("touchpoint", ""),
        "points": touchpoints(),
    }
    return render(request, "recovery/codes.html", context)


@needs("cases.see")
def drawn(request: HttpRequest) -> HttpResponse:
    """The code as SVG."""
    return HttpResponse(codes.drawn(_address(request)[0]), content_type="image/svg+xml")


@needs("cases.see")
def dotted(request: HttpRequest) -> HttpResponse:
    """The code as PNG, as a download."""
    response = HttpResponse(codes.dotted(_address(request)[0]), content_type="image/png")
    response["Content-Disposition"] = 'attachment; filename="complaints.png"'
    return response


def _address(request: HttpRequest) -> tuple[str, str]:
    """The address asked for and what it is about. NotFound: no such order or touchpoint."""
    if reference := request.GET.get("order", "").strip():
        path = reverse("complain_order", args=[promises.order(reference).token])
        return f"{settings.PUBLIC_URL}{path}", reference
    if slug := request.GET.get("touchpoint", ""):
        point = touchpoint(slug)
        return f"{settings.PUBLIC_URL}{reverse('complain_touchpoint', args=[slug])}", point.name
    return f"{settings.PUBLIC_URL}{reverse('complain')}", ""
