"""The REST API, assembled: one object, a router from each chapter, problem details for errors."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from overdeliver.apps.people.key_auth import KeyAuth
from overdeliver.server.problems import problem, status_of
from overdeliver.vocabulary.errors import OverdeliverError

api = NinjaAPI(
    title="overdeliver",
    version="1.0.0",
    description="Promises, outcomes, quotes. Keys are made under Settings; times are ISO 8601 with"
    " their offset; money is a decimal as text with its currency.",
    auth=KeyAuth(),
    urls_namespace="api",
)

for prefix, chapter, tag in (
    ("", "people", "customers"),
    ("", "promises", "promises"),
    ("", "listening", "feedback"),
    ("", "quoting", "quotes"),
    ("", "journal", "explain"),
    ("", "intake", "intake"),
):
    api.add_router(prefix, f"overdeliver.apps.{chapter}.api.router", tags=[tag])


@api.exception_handler(OverdeliverError)
def _ours(request: HttpRequest, error: OverdeliverError) -> HttpResponse:
    status, name = status_of(error)
    return problem(status, name, str(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        {"where": ".".join(str(part) for part in fault["loc"]), "reason": fault["msg"]}
        for fault in error.errors
    ]
    return problem(422, "invalid", f"{faults[0]['where']}: {faults[0]['reason']}", faults=faults)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, "no-key", "Send the key as: Authorization: Bearer od_...")
