"""Why? Everything recorded and decided about one thing; and the journal as a whole."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from overdeliver.apps.journal import reads
from overdeliver.apps.look.access import needs
from overdeliver.vocabulary.errors import InputError, NotFound


@needs("journal.see")
def why(request: HttpRequest, subject: str) -> HttpResponse:
    """`/why/KIND:REFERENCE/`: what happened to it, by whom, and the reasons of each decision."""
    entries, decisions = reads.life(subject), reads.decisions(subject)
    if not entries and not decisions:
        raise NotFound(f"{subject}: the journal holds nothing about it")
    context = {"subject": subject, "entries": entries, "decisions": decisions}
    return render(request, "journal/why.html", context)


@needs("journal.see")
def log(request: HttpRequest) -> HttpResponse:
    """`/journal/`: the latest of everything, newest first."""
    text = request.GET.get("before", "")
    if text and not text.isdecimal():
        raise InputError("the page asked for does not exist; start from the first")
    chapter = request.GET.get("chapter", "")
    entries = reads.latest(51, before=int(text) if text else None, chapter=chapter)
    context = {
        "entries": entries[:50],
        "next": entries[49].id if len(entries) > 50 else "",
        "chapter": chapter,
        "chapters": reads.chapters(),
    }
    return render(request, "journal/log.html", context)
