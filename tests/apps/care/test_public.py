"""What stands open: the page to show at home, its PDF, materials, the calendar."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from overdeliver.apps.business.models import Business
from overdeliver.apps.care import feeds, materials, tasks
from overdeliver.apps.care.models import Feed, Share, Task
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions as promises
from overdeliver.vocabulary.errors import InputError

SignedIn = Callable[[str], Client]
Ordered = Callable[..., str]


def _draft(**given: Any) -> materials.Draft:
    return materials.Draft(**given)


def test_the_page_to_show_at_home_names_nobody_and_says_how_to_withdraw(
    called: Task, client: Client, who: Callable[..., Customer]
) -> None:
    people.keep_customer("c-1", language="ro")
    people.keep_customer("c-2", name="Ștefan")
    people.note_consent("c-2", "stories", True, source="page")
    text = "Au venit la timp, țin la cuvânt."
    materials.keep(
        materials.Draft(
            kind="testimonial",
            language="ro",
            title="Bună treabă",
            text=text,
            source="Ștefan, Chișinău, 2026",
            customer="c-2",
        )
    )
    token = Share.objects.get().token
    assert len(token) >= 32
    answer = client.get(f"/m/{token}/")
    page = answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer" and 'lang="ro"' in page
    assert text in page and "Puteți renunța" in page
    assert "Aigerim" not in page and "a@example.org" not in page
    people.note_consent("c-2", "stories", False, source="page")
    assert text not in client.get(f"/m/{token}/").content.decode()
    promises.cancel_order("A-1", at=timezone.now())
    deliver_due()
    assert client.get(f"/m/{token}/").status_code == 404
    assert client.get(f"/m/{token}x/").content == client.get("/m/none/").content


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "Ойыңыз өзгерсе"), ("ro", "Dacă vă răzgândiți"), ("ru", "Если вы передумаете")],
)
def test_the_pdf_has_the_words_and_a_code_that_leads_to_the_page(
    called: Task, client: Client, language: str, said: str
) -> None:
    hostile = '#read("/etc/passwd") *not bold* $x$ \\ <label> @ref'
    materials.keep(
        materials.Draft(kind="memo", language=language, title=hostile, text="Ғашық țăran")
    )
    token = Share.objects.get().token
    client.cookies["language"] = language
    answer = client.get(f"/m/{token}/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    flat = " ".join(text.split())
    assert said in flat and "Ғашық țăran" in flat and '#read("/etc/passwd") *not bold*' in flat
    image = document[0].render(scale=3).to_numpy()
    codes = [one.text for one in zxingcpp.read_barcodes(image)]
    assert len(codes) == 1 and codes[0].endswith(f"/m/{token}/")
    assert image.min() < 60  # something is printed


def test_many_links_that_lead_nowhere_have_to_wait(caring: Business, client: Client) -> None:
    answers = [client.get(f"/m/guess{n}/").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": ""}, "source"),
        ({"consent": ""}, "consent"),
        ({"customer": "c-1", "consent": ""}, "customer"),
        ({"language": "de"}, "language"),
        ({"title": " "}, "text"),
    ],
)
def test_a_testimonial_says_whose_it_is_and_that_he_agreed(
    order: Ordered, change: dict[str, str], field: str
) -> None:
    order()
    right = {
        "kind": "testimonial",
        "language": "en",
        "title": "Good",
        "text": "They keep their word.",
        "source": "Anna, 2026",
        "consent": "by letter of 3 May",
    }
    assert materials.keep(_draft(**right))
    with pytest.raises(InputError, match=f"^{field}"):
        materials.keep(_draft(**{**right, **change}))


def test_materials_are_kept_in_a_form_and_expire(caring: Business, signed_in: SignedIn) -> None:
    manager = signed_in("manager")
    sent = {"kind": "guide", "language": "en", "title": "How", "text": "First", "active": "yes"}
    assert manager.post("/care/materials/add/", {**sent, "title": ""}).status_code == 422
    assert manager.post("/care/materials/add/", {**sent, "until": "2020-01-01"}).status_code == 302
    assert b"expired" in manager.get("/care/materials/").content
    today = timezone.localdate()
    assert not materials.shown("en", "en", "", today)


def test_a_calendar_client_reads_the_feed_and_sees_changes(
    called: Task, signed_in: SignedIn, client: Client
) -> None:
    agent = signed_in("agent")
    page = agent.post("/care/calendar/change/", {"act": "make"}).content.decode()
    link = page.split('<p class="code">')[1].split("</p>")[0]
    path = link[link.index("/calendar/") :]
    answer = client.get(path)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    event = calendar.walk("VEVENT")[0]
    assert str(event["uid"]) == f"{called.uid}@overdeliver" and str(event["sequence"]) == "0"
    assert event["status"] == "CONFIRMED" and event.decoded("dtstart") == called.due_at.replace(
        microsecond=0
    )
    assert event.walk("VALARM")[0].decoded("trigger") == -timedelta(minutes=15)
    assert b"Aigerim" not in answer.content and b"+7701" not in answer.content
    tasks.settle(called.pk, "reached", sequence=0)
    after = Calendar.from_ical(client.get(path).content).walk("VEVENT")[0]
    assert (after["uid"], str(after["sequence"])) == (event["uid"], "1")
    assert after["status"] == "CANCELLED" and not after.walk("VALARM")
    agent.post("/care/calendar/change/", {"act": "revoke"})
    assert client.get(path).status_code == 404 and not Feed.objects.exists()


def test_who_left_has_no_calendar(called: Task, staff: Callable[[str], object]) -> None:
    agent = staff("agent")
    token = feeds.make_feed(agent.pk)  # type: ignore[attr-defined]
    assert feeds.calendar(token)
    agent.is_active = False  # type: ignore[attr-defined]
    agent.save()  # type: ignore[attr-defined]
    assert feeds.calendar(token) is None
