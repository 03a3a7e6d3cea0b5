"""The door for webhooks: the signature is the key; stored raw, answered, processed later."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from overdeliver.apps.intake import sources
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.vocabulary.errors import InputError, LimitExceeded, NotAllowed


@csrf_exempt
@needs(PUBLIC)
@require_POST
def receive(request: HttpRequest, slug: str) -> HttpResponse:
    """`POST /hooks/SLUG/`: 200 taken in or known already, 401 not signed, 400 unreadable, 413."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        sources.receive(slug, request.read(sources.LARGEST + 1), headers)
    except NotAllowed as error:
        return _told(401, error)
    except LimitExceeded as error:
        return _told(413, error)
    except InputError as error:
        return _told(400, error)
    return HttpResponse(status=200)


def _told(status: int, error: Exception) -> JsonResponse:
    return JsonResponse({"detail": str(error)}, status=status)
