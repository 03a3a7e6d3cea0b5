"""The REST API, assembled: one object, a router from each chapter, problem details for errors."""

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

from overdeliver.apps.people.key_auth import KeyAuth
from overdeliver.server.bodies import NoJson, Strict
from overdeliver.server.problems import problem, problem_of
from overdeliver.vocabulary.errors import OverdeliverError

PROBLEM = {
    "title": "Problem",
    "description": "What went wrong, in problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object"}},
    },
}
PROBLEMS = {
    400: "The call cannot be read.",
    401: "There is no such key, or it is over.",
    403: "The key has no right to this.",
    404: "There is no such thing.",
    409: "It stands for something else already, or somebody was faster.",
    413: "The body is too large.",
    415: "The body is of a kind that cannot be read.",
    422: "Something given cannot be used; nothing was changed.",
    429: "Too many calls; `Retry-After` says how many seconds to wait.",
    503: "The database cannot be used just now; `Retry-After` says when to try again.",
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same call is done once; kept for two days.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"},
}


class Api(NinjaAPI):
    """The API, whose description says what every operation may answer besides the usual."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """A name that holds however the source is arranged: the method and the path."""
        words = re.sub(r"{(?:\w+:)?(\w+)}", r"by_\1", operation.path)
        return "_".join([operation.methods[0].lower(), *re.findall(r"\w+", words)])

    def get_openapi_schema(self, *args: Any, **more: Any) -> Any:
        """The OpenAPI description with problems and idempotency."""
        schema = super().get_openapi_schema(*args, **more)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for operations in schema["paths"].values():
            for method, one in operations.items():
                for status, text in PROBLEMS.items():
                    one["responses"][status] = _answer(text)
                if told := one.get("description", ""):  # its first sentence names it best
                    one["summary"] = re.split(r"[.;:](?:\s|$)", told, maxsplit=1)[0]
                if method == "post":
                    one.setdefault("parameters", []).append(ONCE)
        return schema


def _answer(text: str) -> dict[str, Any]:
    told = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {"application/problem+json": told}}


api = Api(
    title="overdeliver",
    version="1.0.0",
    description="Promises, outcomes, quotes. Keys are made under Settings; times are ISO 8601 with"
    " their offset; money is a decimal as text with its currency.",
    auth=KeyAuth(),
    parser=Strict(),
    urls_namespace="api",
)

for prefix, chapter, tag in (
    ("", "people", "customers"),
    ("", "promises", "promises"),
    ("", "listening", "feedback"),
    ("", "recovery", "complaints"),
    ("", "quoting", "quotes"),
    ("", "care", "care"),
    ("", "journal", "explain"),
    ("", "intake", "intake"),
    ("", "desk", "figures"),
):
    api.add_router(prefix, f"overdeliver.apps.{chapter}.api.router", tags=[tag])

for bound in api._get_bound_routers():
    for door in bound.path_operations.values():
        for operation in door.operations:
            # Rights before bodies: whoever may not is not told what is wrong with his.
            operation.auth_callbacks = [KeyAuth(getattr(operation.view_func, "right", ""))]


@cache
def asked_of() -> dict[tuple[str, str], frozenset[str]]:
    """What each operation, by its path and method, may be asked in the query."""
    return {
        (path, method.upper()): frozenset(
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        )
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


@api.exception_handler(OverdeliverError)
def _ours(request: HttpRequest, error: OverdeliverError) -> HttpResponse:
    return problem_of(error)


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


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    why = error.__cause__
    if isinstance(why, OverdeliverError) and not isinstance(why, NoJson):
        return problem_of(why)
    return problem(error.status_code, "invalid", str(why if isinstance(why, NoJson) else error))
