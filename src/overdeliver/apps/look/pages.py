"""How a reader wants to see the pages: language and light, kept in the browser."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from overdeliver.apps.look.access import PUBLIC, needs

THEMES = ("light", "dark")
_YEAR = 365 * 24 * 3600


@needs(PUBLIC)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the language and the theme chosen, and go back to where the reader was."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(urlsplit(back)._replace(scheme="", netloc="").geturl())
    known = {code for code, _ in settings.LANGUAGES}
    if (tongue := request.POST.get("language", "")) in known:
        _keep(response, "language", tongue)
    theme = request.POST.get("theme")
    if theme in THEMES:
        _keep(response, "theme", theme)
    elif theme == "":
        response.delete_cookie("theme")
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, _YEAR, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax", httponly=True
    )
