"""What has fallen silent, as lines of Today: the mail server, systems that used to call."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from overdeliver.apps.desk.rules import Fact
from overdeliver.apps.intake import reads_quiet
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import reads as outreach
from overdeliver.apps.outreach.saying import reason

_AWAY = timedelta(minutes=1)  # a mail server that is started anew is no news


def mail_down(now: datetime) -> Iterator[Fact]:
    """Mail has had no way out for a while; whoever runs the machine has to know."""
    found = outreach.mail_trouble()
    if found is None or now - found.since < _AWAY:
        return
    page, n = reverse("settings_system"), found.waiting
    told = word(
        "desk.line.mail_down",
        count=n,
        n=numbers.number(n),
        since=numbers.moment(found.since),
        reason=reason(found.because),
    )
    yield Fact(
        "send",
        f"message:mail_down:{found.since:%Y%m%d%H%M%S}",
        str(word("outreach.channel.mail")),
        page,
        "desk.step.mail_down",
        page,
        "message:mail_down",
        (str(told),),
        happened=found.since,
        about="desk.why.mail_down",
    )


def quiet(now: datetime) -> Iterator[Fact]:
    """Shops and tills whose calls have stopped: they switch a webhook off without a word."""
    for one in reads_quiet.quiet(now):
        page = reverse("settings_source", args=[one.slug])
        yield Fact(
            "look",
            f"quiet:{one.slug}:{one.since:%Y%m%d%H%M%S}",
            one.name,
            page,
            "desk.step.quiet",
            page,
            f"source:{one.slug}",
            (str(word("desk.line.quiet", since=numbers.moment(one.since))),),
            happened=one.since,
            about="desk.why.quiet",
        )
