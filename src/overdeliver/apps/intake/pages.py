"""Bringing data in: a file, a look, one question, what would happen, and then the deed."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import actions, reads
from overdeliver.apps.intake.forms import answers_of, mapping_of
from overdeliver.apps.intake.rules.asking import EXTRAS, FIELDS
from overdeliver.apps.intake.rules.steps import WAITING
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from overdeliver.vocabulary.moments import SECONDS

TAGS = {
    "done": "exceeded",
    "failed": "broken",
    "mapped": "met",
    "checked": "met",
    "undone": "unknown",
}


@needs("imports.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/imports/`: files that came in, and the place to bring another."""
    return _listed(request)


def _listed(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    found, following = reads.files(after=request.GET.get("after", ""))
    context = {
        "files": [(one, TAGS.get(one.state, "open")) for one in found],
        "next": following,
        "waiting": sum(one.state in WAITING for one in found),
        "error": error,
    }
    return render(request, "intake/list.html", context, status=status)


@needs("imports.write")
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take the files of one export in."""
    try:
        reference = actions.upload(request.FILES.getlist("files"))
    except InputError as error:
        return _listed(request, str(error), 422)
    if same := actions.earlier(reference):
        messages.warning(request, word("intake.file.same", name=reads.file(same).name))
    return redirect("import", reference=reference)


@needs("imports.see")
def one(request: HttpRequest, reference: str) -> HttpResponse:
    """`/imports/REFERENCE/`: where the file stands, and what is asked of whom."""
    return _one(request, reference)


def _one(request: HttpRequest, reference: str, error: str = "", status: int = 200) -> HttpResponse:
    card = reads.file(reference)
    if card.unseen and "imports.write" in getattr(request, "rights", ()):
        actions.refused_seen(reference)
    preview = card.preview
    context: dict[str, Any] = {
        "file": card,
        "kind": TAGS.get(card.state, "open"),
        "error": error,
        "share": round(100 * card.done / card.total) if card.total else None,
        "question": preview.get("question") or {},
        "typed": request.POST,
        "services": business.services(),
        "units": tuple(SECONDS),
        "zones": sorted(available_timezones()),
        "zone": card.settings.get("zone") or business.zone(),
        "columns": preview.get("columns", []),
    }
    if card.state == "mapped":
        context["fields"] = _choices(preview, card.settings)
    return render(request, "intake/file.html", context, status=status)


def _choices(preview: Any, settings: Any) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    """Every field with its columns, the chosen one marked."""
    names = [column["name"] for column in preview.get("columns", [])]
    mapping = settings.get("mapping") if settings.get("exact") else preview.get("mapping", {})
    extras = settings.get("extras") or preview.get("extras", {})
    rows = []
    for prefix, fields, chosen in (("field", FIELDS, mapping), ("extra", EXTRAS, extras)):
        for field in fields:
            options = [(name, (chosen or {}).get(field) == name) for name in names]
            rows.append((f"{prefix}-{field}", f"intake.field.{field}", options))
    return rows


@needs("imports.see")
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of the page that is asked for again while the worker works."""
    card = reads.file(reference)
    if not card.at_work:
        response = HttpResponse(status=204)
        response.headers["HX-Refresh"] = "true"
        return response
    share = round(100 * card.done / card.total) if card.total else None
    return render(request, "intake/progress.html", {"file": card, "share": share})


@needs("imports.write")
@require_POST
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the mapping and the answer; look again, then check every row."""
    try:
        said = answers_of(request.POST)
        if "mapped" in request.POST:
            said |= mapping_of(request.POST)
        actions.answer(reference, said)
    except InputError as error:
        return _one(request, reference, str(error), 422)
    return redirect("import", reference=reference)


@needs("imports.write")
@require_POST
def step(request: HttpRequest, reference: str) -> HttpResponse:
    """Start, undo, look again, or forget: one of the buttons below the report."""
    deeds = {
        "start": actions.start,
        "undo": actions.undo,
        "again": actions.again,
        "drop": actions.drop,
    }
    wanted = request.POST.get("step", "")
    if wanted not in deeds:
        raise InputError(f"step {wanted!r}: there is none of that name")
    try:
        deeds[wanted](reference)
    except Conflict as error:
        return _one(request, reference, str(error), 409)
    if wanted == "drop":
        messages.success(request, word("intake.file.dropped"))
        return redirect("imports")
    return redirect("import", reference=reference)


@needs("imports.see")
def rejects(request: HttpRequest, reference: str) -> StreamingHttpResponse:
    """The rows that could not be used, with the reason: to be corrected and sent again."""
    if not reads.reject_files(reference):
        raise NotFound("every row of this file was taken")
    answer = StreamingHttpResponse(reads.reject_lines(reference), content_type="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="rejected.csv"'
    return answer
