"""Is it alive, is it ready, how is it doing: for machines that watch."""

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from overdeliver.apps.look.access import PUBLIC, needs


@needs(PUBLIC)
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@needs(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and its tables are current."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception as error:  # noqa: BLE001 - whatever fails here, the answer is "not ready"
        return JsonResponse({"ready": False, "because": type(error).__name__}, status=503)
    if pending:
        return JsonResponse({"ready": False, "because": "migrations are pending"}, status=503)
    return JsonResponse({"ready": True})


@needs(PUBLIC)
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus; with the token, or from this machine alone."""
    from overdeliver.server.figures import exposition

    token = settings.KNOBS["metrics_token"]
    if token:
        if request.headers.get("Authorization") != f"Bearer {token}":
            return HttpResponse("a bearer token is needed", status=401, content_type="text/plain")
    elif request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or settings.KNOBS["proxies"]:
        return HttpResponse("set OVERDELIVER_METRICS_TOKEN", status=403, content_type="text/plain")
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4")
