"""Letters on paper: what waits, what is being printed, what lies in the post."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import paper, printing, queue
from overdeliver.apps.outreach.rules.letters import LetterPolicy
from overdeliver.vocabulary.errors import Conflict, NotFound


@needs("today.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/letters/`: the print queue and the latest runs."""
    waiting = queue.waiting()
    context = {
        "waiting": waiting,
        "count": len(waiting),
        "runs": queue.runs(),
        "no_sender": not business.policy(LetterPolicy).sender,
    }
    return render(request, "outreach/letters.html", context)


@needs("today.act")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Take the chosen letters into a print run."""
    chosen = [int(one) for one in request.POST.getlist("letter") if one.isdecimal()][:2000]
    try:
        number = printing.start_run(chosen)
    except Conflict:
        messages.warning(request, str(word("outreach.letters.taken")))
        return redirect("letters")
    messages.success(request, str(word("outreach.letters.started")))
    return redirect("letter_run", number)


@needs("today.see")
def run(request: HttpRequest, number: int) -> HttpResponse:
    """`/letters/runs/NUMBER/`: the letters of a run."""
    return render(request, "outreach/letter_run.html", {"run": queue.run(number)})


@needs("today.act")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """They are in the post; nothing came out; or one of them did not."""
    chosen, _, letter = request.POST.get("act", "").partition(":")
    try:
        if chosen == "posted":
            done = printing.posted(number)
            messages.success(request, str(word("outreach.letters.done", count=done, n=done)))
        elif chosen == "undo":
            printing.undo_run(number)
            messages.success(request, str(word("outreach.letters.undone")))
        elif chosen == "back" and letter.isdecimal():
            printing.put_back(int(letter))
            messages.success(request, str(word("outreach.letters.undone")))
    except Conflict:
        messages.warning(request, str(word("outreach.one.too_late")))
    return redirect("letter_run", number)


@needs("today.see")
def document(request: HttpRequest, number: int) -> HttpResponse:
    """`/letters/runs/NUMBER.pdf`: every letter of a run in one document."""
    return _pdf(
        paper.pdf(printing.letters_of(number), printing.run_of(number).made_at),
        f"letters-{number}.pdf",
    )


@needs("today.see")
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """`/letters/NUMBER/proof.pdf`: how a letter looks, marked as not to be posted."""
    row = queue.letter(number)
    if row is None:
        raise NotFound(f"letter {number}: there is none of that number")
    return _pdf(paper.pdf([row], timezone.now(), proof=True), f"proof-{number}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
