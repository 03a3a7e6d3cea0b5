"""Letters: set as people wrote them, printed once, whoever else prints at the same time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
import time_machine
from django.db import transaction
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import jobs as journal
from overdeliver.apps.outreach import listing, paper, printing, queue
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.costs import ChannelCosts
from overdeliver.apps.outreach.rules.letters import LetterPolicy
from overdeliver.apps.outreach.writing import Occasion, enqueue_template
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import consents
from overdeliver.apps.people.reads import customer
from overdeliver.vocabulary.errors import Conflict, InputError
from tests.apps.outreach.conftest import sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)


def letter(reference: str = "c-1", **more: object) -> int:
    """A letter in the queue."""
    with transaction.atomic():
        number = enqueue_template(
            "promise_made",
            Occasion(
                key=f"letter:{reference}:{len(more)}", because="outreach.because.promise_made"
            ),
            lambda: {
                "order.reference": "A-1 #let *b* $x$ @y",
                "order.link": "http://127.0.0.1:8000/s/x/",
                "promise.words": "жұмаға дейін",
            },
            customer=customer(reference).id,
            channel="letter",
            **more,  # type: ignore[arg-type]
        )
    sweep()
    return number


@pytest.fixture
def house(shop: object) -> None:
    people.keep_customer(
        "c-1",
        name="Ғалымжан Өтебайұлы",
        postal="Қабанбай батыр 5\nАлматы\nҚазақстан",
        language="kk",
    )
    people.keep_customer("c-2", name="Ștefan Țîrlea", postal="Strada Lungă 5\nIași", language="ro")
    business.set_policy(LetterPolicy(sender=("Абай даңғылы 10", "050000 Алматы"), signed="Әсел"))
    business.set_policy(ChannelCosts(letter="1.10"))


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def dark(pdf: bytes, left: float, top: float, width: float, height: float) -> float:
    """The share of a rectangle of the first page (mm from the upper left corner) that is ink."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=72 / 25.4 / 2.83465 * 2).to_numpy()
    dots = picture.shape[0] / 297
    cut = picture[
        int(top * dots) : int((top + height) * dots), int(left * dots) : int((left + width) * dots)
    ]
    return float((cut.mean(axis=2) < 128).mean())


def test_a_letter_waits_is_printed_and_posted_once(house: None) -> None:
    first, second = letter("c-1"), letter("c-2")
    assert [one.id for one in queue.waiting()] == [first, second]
    run = printing.start_run([first, second])
    assert not queue.waiting()
    with pytest.raises(Conflict):
        printing.start_run([first, second])
    assert printing.posted(run) == 2
    rows = Message.objects.filter(channel="letter")
    assert {(row.status, str(row.cost)) for row in rows} == {("sent", "1.1000")}
    for act in (printing.posted, printing.undo_run):
        with pytest.raises(Conflict):
            act(run)


def test_what_did_not_come_out_waits_again(house: None) -> None:
    first, second = letter("c-1"), letter("c-2")
    run = printing.start_run([first, second])
    printing.put_back(second)
    assert printing.posted(run) == 1
    assert [one.id for one in queue.waiting()] == [second]
    again = printing.start_run([second])
    assert printing.undo_run(again) == 1
    assert queue.run(again).status == "undone" and [one.id for one in queue.waiting()] == [second]


def test_it_is_set_as_it_was_written_in_every_alphabet(house: None) -> None:
    run = printing.start_run([letter("c-1"), letter("c-2")])
    made = paper.pdf(printing.letters_of(run), NOON)
    kazakh, romanian = text_of(made)
    for part in (
        "Ғалымжан Өтебайұлы",
        "Қабанбай батыр 5",
        "жұмаға дейін",
        "#let *b* $x$ @y",
        "Әсел",
    ):
        assert part in kazakh
    assert "Ștefan Țîrlea" in romanian and "Strada Lungă 5" in romanian
    assert (
        "5 наурыз" in kazakh and "2026" in kazakh and "5 martie 2026" in romanian
    )  # the day of the run
    assert made.startswith(b"%PDF") and b"pdfuaid" in made


def test_the_address_stands_in_the_envelopes_window(house: None) -> None:
    made = paper.pdf([Message.objects.get(pk=letter("c-1"))], NOON)
    assert dark(made, 20, 45, 85, 45) > 0.005  # DIN 5008, form B
    assert dark(made, 0, 45, 20, 45) == 0 and dark(made, 20, 91, 85, 5) == 0


def test_a_proof_says_that_it_is_one(house: None, signed_in: Callable[[str], Client]) -> None:
    number = letter("c-1")
    answer = signed_in("agent").get(f"/letters/{number}/proof.pdf")
    assert "Proof: not to be posted" in text_of(answer.content)[0]
    assert queue.waiting()


def test_nobody_gets_paper_he_does_not_want(house: None) -> None:
    number = letter("c-1")
    consents.note_consent("c-1", "service", False, source="phone")
    with pytest.raises(Conflict):
        printing.start_run([number])
    assert (listing.message(number).status, listing.message(number).error) == (
        "cancelled",
        "no_consent",
    )


def test_without_an_address_there_is_no_letter(house: None) -> None:
    people.keep_customer("c-3", name="C")
    with pytest.raises(InputError, match="postal address"):
        letter("c-3")


def test_a_letter_whose_moment_has_passed_says_so(house: None) -> None:
    with time_machine.travel(NOON, tick=False):
        number = letter("c-1", not_after=NOON + timedelta(hours=1), not_before=NOON)
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        late = letter("c-2", not_after=NOON + timedelta(hours=1), not_before=NOON)
    assert listing.message(number).error == "by_hand"
    assert listing.message(late).error == "late"


def test_from_the_queue_to_the_post_on_pages(
    house: None, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    assert "No letter waits" in agent.get("/letters/").content.decode()
    number = letter("c-1")
    page = agent.get("/letters/").content.decode()
    assert "<em>1 letter</em> waits" in page and "Ғалымжан" in page
    went = agent.post("/letters/print/", {"letter": [str(number)]})
    run = went.headers["Location"]
    assert agent.get(run).status_code == 200
    document = agent.get(f"{run.rstrip('/')}.pdf")
    assert document.headers["Content-Type"] == "application/pdf"
    agent.post(f"{run}act/", {"act": "posted"})
    assert "1 letter is in the post" in agent.get(run).content.decode()
    assert agent.post("/letters/print/", {"letter": [str(number)]}, follow=True).status_code == 200
    assert Message.objects.filter(status="sent").count() == 1


def test_of_an_erased_customer_no_empty_sheet_is_printed(house: None) -> None:
    run = printing.start_run([letter("c-1"), letter("c-2")])
    people.erase_customer("c-1")
    while journal.deliver_due():
        pass
    assert [row.language for row in printing.letters_of(run)] == ["ro"]
    assert printing.posted(run) == 1
