"""Today: what needs a person now, and why."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST
from markupsafe import Markup

from overdeliver.apps.business import reads as business
from overdeliver.apps.desk import actions, reads
from overdeliver.apps.desk.chances import chances_of, said, with_chances
from overdeliver.apps.desk.rules import Group, TodayPolicy, grouped
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import reads as promises

TAGS = {
    "win_back": "broken",
    "rescue": "open",
    "send": "open",
    "care": "open",
    "import": "open",
    "decide": "met",
    "look": "unknown",
}
RULE = "overdeliver.apps.desk.rules.lines"


@needs("today.see")
def today(request: HttpRequest) -> HttpResponse:
    """`/`: the lines, the most urgent first; two figures of the day below."""
    now = timezone.now()
    policy = business.policy(TodayPolicy)
    groups = with_chances(grouped(reads.today(now, _rights(request)), policy), now)
    begun = any(one.kind == "import" for one in groups)
    if not begun and not promises.count(promises.Filter(), cap=1):
        return render(request, "desk/begin.html")
    found = reads.day(now)
    context = {
        "groups": [(one, TAGS[one.kind], f"desk.kind.{one.kind}", _all(one)) for one in groups],
        "answer": _answer(groups),
        "day": found,
        "needed": reads.NEEDED,
        "due_list": _due_list(timezone.localdate()),
        "kept_list": _promises(verdict="settled", turned_from=found.since),
    }
    return render(request, "desk/today.html", context)


@needs("today.see")
def why(request: HttpRequest, key: str) -> HttpResponse:
    """`/today/why/KEY/`: why a line stands on the page, and where more is to be known."""
    rights = _rights(request)
    now = timezone.now()
    fact = reads.fact(key, now, rights)
    chance = chances_of([fact], now).get(key)
    told = bool(journal.life(fact.subject) or journal.decisions(fact.subject))
    context = {
        "fact": fact,
        "chance": chance,
        "chance_said": said(chance) if chance else "",
        "rule": RULE,
        "policy": business.policy(TodayPolicy),
        "about": fact.about or f"desk.why.{fact.kind}",
        "tag_kind": TAGS[fact.kind],
        "label": f"desk.kind.{fact.kind}",
        "told": told and "journal.see" in rights,
    }
    return render(request, "desk/why.html", context)


@needs("today.act")
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Set a line aside, with the way back."""
    key, state = request.POST.get("key", ""), request.POST.get("state", "")
    until = _tomorrow() if state == "later" else None
    actions.mark(key, state, until=until)
    text = word("desk.marked.later" if until else "desk.marked.done")
    undo = format_html(
        '{} <button class="link" form="undo" name="key" value="{}">{}</button>',
        mark_safe(str(text)),
        key,
        mark_safe(str(word("look.action.undo"))),
    )
    messages.success(request, undo)
    return redirect("today")


@needs("today.act")
@require_POST
def bring_back(request: HttpRequest) -> HttpResponse:
    """The line stands on the page again."""
    actions.bring_back(request.POST.get("key", ""))
    return redirect("today")


def _answer(groups: list[Group]) -> Markup:
    parts = [word(f"desk.answer.{one.kind}", count=one.n, n=one.n) for one in groups]
    if not parts:
        return word("desk.answer.nothing")
    if len(parts) == 1:
        return word("desk.answer.sentence", what=_capital(parts[0]))
    joined = word("desk.answer.joint").join(parts[:-1]) + word("desk.answer.last") + parts[-1]
    return word("desk.answer.sentence", what=_capital(joined))


def _capital(text: Markup) -> Markup:
    return text[:1].upper() + text[1:]


def _all(group: Group) -> str:
    """The list behind a kind of line; empty where there is no such list."""
    now, policy = timezone.now(), business.policy(TodayPolicy)
    if group.kind == "win_back":
        since = timezone.localtime(now - timedelta(days=policy.broken_days)).date()
        return _promises(verdict="broken", turned_from=since, sort="gap")
    if group.kind == "send":
        return f"{reverse('messages')}?status=waiting"
    if group.kind == "care":
        return reverse("care_tasks")
    if group.kind == "import":
        return reverse("imports")
    return _due_list(timezone.localdate()) if group.kind == "rescue" else ""


def _due_list(day: date) -> str:
    return _promises(verdict="open", due_from=day, due_to=day, sort="due", revised=1)


def _promises(**asked: object) -> str:
    return f"{reverse('promises')}?{urlencode(asked)}"


def _rights(request: HttpRequest) -> frozenset[str]:
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return rights


def _tomorrow() -> datetime:
    """Tomorrow at eight, by the clocks of the business."""
    zone = timezone.get_current_timezone()
    return datetime.combine(timezone.localdate() + timedelta(days=1), time(8), zone)
