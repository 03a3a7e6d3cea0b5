"""Imports that wait for a person, as lines of the Today page."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from markupsafe import Markup

from overdeliver.apps.desk.rules import Fact, TodayPolicy
from overdeliver.apps.intake import reads as intake
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word


def imports(now: datetime, policy: TodayPolicy, limit: int) -> Iterator[Fact]:
    """Files that wait for an answer, have failed, or left rows out that nobody has looked at.

    The key of a line holds the step the file has come to: set aside, it comes back at the next.
    """
    for one in intake.needs_person(now - timedelta(hours=policy.import_hours), limit):
        page = reverse("import", args=[one.reference])
        yield Fact(
            "import",
            f"import:{one.reference}:{one.state}:{one.changed_at:%Y%m%d%H%M%S}",
            one.name,
            page,
            f"desk.step.import_{one.state}",
            page,
            one.subject,
            (str(_told(one)),),
            happened=one.changed_at,
        )


def _told(one: intake.UploadCard) -> Markup:
    if one.state == "mapped":
        asked = (one.preview.get("question") or {}).get("code")
        if not asked:
            return word("desk.line.import_ready")
        return word("desk.line.import_asks", question=word(f"intake.ask.{asked}"))
    if one.state == "checked":
        n = one.report.get("to_store", 0)
        return word("desk.line.import_checked", count=n, n=numbers.number(n))
    if one.state == "done":
        n = one.report["rejected"]
        return word("desk.line.import_refused", count=n, n=numbers.number(n))
    if one.done:
        done, total = numbers.number(one.done), numbers.number(one.total)
        return word("desk.line.import_partly", done=done, total=total)
    return word("desk.line.import_failed")
