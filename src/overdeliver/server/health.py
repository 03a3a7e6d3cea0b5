"""Is it alive, is it ready, how is it doing: for machines that watch."""

import hmac

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.server import disk

#: Sorts a megabyte in less memory than it needs: the server has to lay a file on its own disk.
_SPILL = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 10000) n ORDER BY md5(n::text)) s"


@needs(PUBLIC)
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@needs(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, its tables are current, there is room to write."""
    try:
        pending = steps_missing()
        _write_something()
    except Exception as error:  # noqa: BLE001 - whatever fails here, the answer is "not ready"
        return _not_ready(type(error).__name__)
    if pending:
        return _not_ready("migrations are pending")
    if disk.room() < disk.LEAST:
        return _not_ready("the disk is full")
    return JsonResponse({"ready": True})


def steps_missing() -> int:
    """Migrations of this program that the database has not seen. DatabaseError: none there."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _write_something() -> None:
    """OperationalError: the disk of a database server is full; how full, only it can know.

    Nothing is kept of it and no table is touched. SQLite's disk is ours and is looked at instead.
    """
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(_SPILL)


def _not_ready(because: str) -> JsonResponse:
    return JsonResponse({"ready": False, "because": because}, status=503)


@needs(PUBLIC)
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus; with the token, or from this machine alone."""
    # Loaded here: who watches is the only one who needs it.
    from overdeliver.server.figures import exposition

    token = settings.KNOBS["metrics_token"]
    given = request.headers.get("Authorization", "")
    if token:
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return HttpResponse("a bearer token is needed", status=401, content_type="text/plain")
    elif settings.KNOBS["proxies"] or request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1"):
        return HttpResponse("set OVERDELIVER_METRICS_TOKEN", status=403, content_type="text/plain")
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
