"""Why? Everything recorded and decided about one thing; and the journal as a whole."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from overdeliver.apps.journal import reads
from overdeliver.apps.look.access import needs
from overdeliver.vocabulary.errors import InputError, NotFound

PAGE = 50


@needs("journal.see")
def why(request: HttpRequest, subject: str) -> HttpResponse:
    """`/why/KIND:REFERENCE/`: what happened to it, by whom, and the reasons of each decision."""
    entries = reads.life(subject)
    decided = {one.id: one for one in reads.decisions(subject)}
    decided |= {one.why.id: one.why for one in entries if one.why}
    if not entries and not decided:
        raise NotFound(f"{subject}: the journal holds nothing about it")
    causes = reads.subjects_of({one.cause for one in entries if one.cause is not None})
    context = {
        "subject": subject,
        "page_of_it": _page_of(subject),
        "entries": [(one, causes.get(one.cause or 0, "")) for one in entries],
        "decisions": [decided[number] for number in sorted(decided)],
    }
    return render(request, "journal/why.html", context)


@needs("journal.see")
def log(request: HttpRequest) -> HttpResponse:
    """`/journal/`: the latest of everything, newest first; of one chapter, about one subject."""
    text = request.GET.get("before", "")
    if text and not (text.isdecimal() and len(text) < 19):
        raise InputError("the page asked for does not exist; start from the first")
    chapter, about = request.GET.get("chapter", ""), request.GET.get("about", "")
    entries = reads.latest(
        PAGE + 1, before=int(text) if text else None, chapter=chapter, about=about
    )
    context = {
        "entries": entries[:PAGE],
        "next": entries[PAGE - 1].id if len(entries) > PAGE else "",
        "chapter": chapter,
        "about": about,
        "chapters": reads.chapters(),
    }
    return render(request, "journal/log.html", context)


def _page_of(subject: str) -> str:
    """The page of a promise, an order, a customer; empty where a kind has none."""
    kind, _, reference = subject.partition(":")
    if kind not in ("promise", "order", "customer"):
        return ""
    try:
        return reverse(kind, args=[reference])
    except NoReverseMatch:
        return ""
