"""What runs in some language of templates is text here: in mails, on paper, on every page."""

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pypdfium2
import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.care import materials, packing, sharing
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach import paper, texts, writing
from overdeliver.apps.outreach.jobs import send_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.filling import fill
from overdeliver.apps.outreach.rules.telling import ToldPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import reads
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import InputError

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
STRINGS = (
    # Django and Jinja
    "{{ settings.SECRET_KEY }}",
    "{{7*7}}",
    "{{ request.META }}",
    "{{ messages.storages.0.signer.key }}",
    "{% debug %}",
    "{% include '/etc/passwd' %}",
    "{% load log %}{% get_admin_log 10 as l %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% for x in (1,2) %}x{% endfor %}",
    "{{ config.items() }}",
    "{{ self.__init__.__globals__ }}",
    "{# a comment #}",
    "{{ greeting }}",
    "{{ order.link }}",
    "{{ business.name }}",
    # Python's own
    "{0.__class__.__init__.__globals__}",
    "{settings.SECRET_KEY}",
    "{words}",
    "{foot}",
    "{name}",
    "%(SECRET_KEY)s",
    "%s%s%s%n",
    "${SECRET_KEY}",
    "$SECRET_KEY",
    "f'{1+1}'",
    # Go, Velocity, Freemarker, Ruby, PHP
    "{{ env `SECRET_KEY` }}",
    '{{ printf "%s" .Secret }}',
    "${7*7}",
    "#set($x=7*7)$x",
    "<#assign x=7*7>",
    "<%= 7*7 %>",
    "<?= 7*7 ?>",
    # MJML, typst
    "<mj-include path='/etc/passwd' />",
    "</mj-text><mj-raw>x</mj-raw>",
    '#read("/etc/passwd")',
    "#let x = 7; #x",
    "#sys.inputs",
    "$ integral $ @ref <label>",
    "*bold* _it_ `raw` \\ = heading",
)
MORNING = datetime(2026, 3, 5, 9, tzinfo=UTC)


def plain(text: str) -> str:
    """As it is filled in: one line. Blanks are of no weight on paper."""
    return "".join(fill("{{ x }}", {"x": text}).split())


@pytest.fixture
def sent(shop: Business, settings: Settings) -> list[mail.EmailMultiAlternatives]:
    """A mail to a customer of each of these names, from a business that bears them all."""
    settings.KNOBS = {**settings.KNOBS, "mail_url": "smtp://mail", "demo": False}
    Business.objects.update(name=" ".join(STRINGS)[:200])
    business.set_policy(ToldPolicy(promise_made="yes"))
    for number, text in enumerate(STRINGS):
        people.keep_customer(f"c-{number}", name=text, email=f"c{number}@example.org")
        placed = timezone.now()
        promises.place_order(f"o-{number}", customer=f"c-{number}", placed_at=placed)
        promises.make_promise(f"o-{number}", lever="time", unit="days", promised=3, words=text)
        promises.say_next_step(f"o-{number}", text)
    while deliver_due():
        pass
    send_due(threads=False)
    return sorted(mail.outbox, key=lambda one: int(one.to[0].partition("@")[0][1:]))


def test_forty_strings_are_text_in_mails_on_paper_and_on_pages(
    sent: list[mail.EmailMultiAlternatives], signed_in: Callable[[str], Client]
) -> None:
    assert len(STRINGS) == len(sent) == 40
    for text, message in zip(STRINGS, sent, strict=True):
        shown = "".join(str(message.body).split())
        assert plain(text) in shown, text
        page = unescape(str(message.alternatives[0][0]))
        assert plain(text) in "".join(page.split()), text
    letters = [
        Message(subject=text, text=f"{text}\n\nGood bye", address=f"{text}\nAlmaty", language="en")
        for text in STRINGS
    ]
    document = pypdfium2.PdfDocument(paper.pdf(letters, MORNING))
    for text, sheet in zip(STRINGS, document, strict=True):
        printed = "".join(sheet.get_textpage().get_text_range().split())
        assert printed.count("".join(text.split())) >= 3, text
    client = signed_in("owner")
    for number, text in enumerate(STRINGS):
        token = reads.order(f"o-{number}").token
        for path in (f"/orders/o-{number}/", f"/s/{token}/"):
            page = client.get(path).content.decode()
            assert text in unescape(page) and settings.SECRET_KEY not in page, (path, text)


def test_a_complaint_and_a_material_of_all_strings_are_shown_as_typed(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    everything = "\n\n".join(STRINGS)
    case = recovery.open_case(Complaint(text=everything, name="{{7*7}}", contact="a@example.org"))
    client = signed_in("agent")
    for path in (f"/cases/{case.pk}/", f"/c/k/{case.token}/"):
        page = unescape(client.get(path).content.decode())
        assert all(text in page for text in STRINGS), path
    promises.place_order("o-1", placed_at=timezone.now())
    materials.keep(materials.Draft(kind="guide", language="en", title="{{7*7}}", text=everything))
    token = sharing.token_of("o-1")
    page = unescape(Client().get(f"/m/{token}/").content.decode())
    assert all(text in page for text in STRINGS)
    document = pypdfium2.PdfDocument(packing.pdf(packing.pack(reads.order("o-1"), token)))
    printed = "".join("".join(one.get_textpage().get_text_range().split()) for one in document)
    assert all("".join(text.split()) in printed for text in STRINGS)


def test_a_text_of_ones_own_runs_nothing_and_shows_nobody(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    """What is no field is refused or stays as it is; an example stands where a person would."""
    known = {"{{ greeting }}", "{{ order.link }}", "{{ business.name }}"}
    people.keep_customer("c-1", name="Somebody Real", email="real@example.org")
    client = signed_in("manager")
    for text in STRINGS:
        if text in known:
            continue
        try:
            writing.save_text("promise_made", "en", "Hello", f"Hi {text} there")
        except InputError:
            assert any(sign in text for sign in ("{{", "}}", "{%", "%}")), text
            continue
        page = client.get("/settings/templates/promise_made/en/").content.decode()
        assert unescape(page).count(f"Hi {text} there") == 2, "as typed: in the field, and as sent"
        assert "Somebody Real" not in page and "real@example.org" not in page
    for role in ("agent", "analyst"):
        low = signed_in(role)
        assert low.get("/settings/templates/promise_made/en/").status_code == 403
        assert low.post("/settings/templates/promise_made/en/save/").status_code == 403
    assert texts.own_languages("promise_made") == ["en"]
