"""From a promise through reassurance, a broken word and the loop, to a lesson and a neutral ask."""

import re
import struct
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from tests.processes import Installation, await_until, installation
from tests.story.browsing import Browser
from tests.story.mailserver import Mails, mail_server

SET_UP = """
from datetime import time
from overdeliver.apps.business import actions
from overdeliver.apps.business.models import Shift
from overdeliver.apps.care import plans
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.outreach.rules.asking import AskingPolicy
from overdeliver.apps.outreach.rules.letters import LetterPolicy
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.recovery.rules.policies import RemedyPolicy
actions.begin('webshop', 'kk', 'Алатау дүкені', 'KZ', 'Asia/Almaty', 'KZT')
plans.make_starters()
actions.set_policy(CarePolicy(held_out=0))
actions.set_policy(OutboxPolicy(quiet_from=0, quiet_to=0))
actions.set_policy(AskingPolicy(most_a_day=5))
actions.set_policy(LetterPolicy(sender=('Абай даңғылы 10', '050000 Алматы')))
actions.set_policy(RemedyPolicy(
    offered=('refund', 'redo'), ask_for_review=True, review_places=('https://reviews.example/shop',)
))
"""
_OWNED = {"change_owner": "Dana", "since": datetime.now(UTC).date().isoformat()}
PASSWORD = "a long password 7"


@pytest.fixture
def mails() -> Iterator[Mails]:
    with mail_server() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path, mails: Mails) -> Iterator[Installation]:
    """A shop that is open round the clock for its customers, with a mail server of its own."""
    with installation(tmp_path / "data") as found:
        found.knobs |= {"OVERDELIVER_MAIL_URL": mails.url, "OVERDELIVER_PASSWORD": PASSWORD}
        found.command("createowner", "owner@example.org", "--name", "Olga")
        del found.knobs["OVERDELIVER_PASSWORD"]
        found.python(SET_UP)
        found.web(processes=1)
        found.start("worker")
        yield found


def test_a_broken_promise_is_made_good(house: Installation, mails: Mails) -> None:
    owner = _signed_in(house)
    owner.go("/care/plans/order/")
    owner.send("switch/", on="yes")
    order = _order(house)
    _reassured(house, owner, mails)
    _broken(house)
    complaint = _complain(house, owner, order["status_link"])
    case = _case(owner)
    _loop(owner, case)
    _judge(complaint, "no", "Әлі де дұрыс емес")
    owner.go(case)
    assert "Әлі де дұрыс емес" in owner.page
    _cannot_close(owner, case)
    _step(owner, case, "change", what="Every lid is looked at twice", **_OWNED)
    _step(owner, case, "invite")
    _judge(complaint, "yes", "Енді жақсы, рахмет")
    _step(owner, case, "write_lesson", words="A lid is looked at before the box is closed.")
    _step(owner, case, "close")
    _after(owner, mails, case)


def _signed_in(house: Installation) -> Browser:
    owner = Browser(house.url)
    owner.go("/accounts/login/")
    owner.send("/accounts/login/", login="owner@example.org", password=PASSWORD)
    assert owner.status == 200 and owner.at.rstrip("/") == house.url, owner.at
    return owner


def _order(house: Installation) -> Any:
    key = house.key()
    who = {
        "name": "Айгүл Сәрсенбай",
        "email": "aigul@example.org",
        "language": "kk",
        "postal": "Қабанбай батыр 5\nАлматы",
    }
    assert house.call("/customers/c-1", who, key=key, method="PUT")[0] == 200
    placed = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    order = {"reference": "o-1", "customer": "c-1", "service": "parcel", "placed_at": placed}
    status, made = house.call("/orders", order, key=key)
    assert status == 201, made
    promise = {"order": "o-1", "lever": "time", "promised": 2, "unit": "days", "reference": "p-1"}
    status, told = house.call("/promises", promise, key=key)
    assert status == 201, told
    return made


def _reassured(house: Installation, owner: Browser, mails: Mails) -> None:
    """Within the first day: a mail in her language, and a letter that is printed once."""
    await_until(lambda: bool(mails.taken), 60)
    mail = mails.taken[0]
    assert mail["To"] == "aigul@example.org" and "o-1" in mail.as_string()
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    share = re.search(r"/m/[\w-]+/", text)
    assert share and Browser(house.url).go(share[0])
    chooser = Browser(house.url)
    chooser.go(mail["List-Unsubscribe"].strip(" <>"))
    chooser.send(chooser.at, form="choices", asking="yes", reassurance="yes")
    assert "saved=yes" in chooser.at

    def waits() -> bool:
        owner.go("/letters/")
        return 'name="letter"' in owner.page

    await_until(waits, 60, 0.5)
    number = re.search(r'name="letter" value="(\d+)"', owner.page)
    assert number
    owner.send("/letters/print/", letter=number[1])
    run = owner.at
    with owner.opener.open(f"{run.rstrip('/')}.pdf") as answer:
        page = pypdfium2.PdfDocument(answer.read())[0].get_textpage().get_text_range()
    assert "Айгүл Сәрсенбай" in page and "Қабанбай батыр 5" in page
    owner.go(run)
    owner.send("act/", act="posted")
    owner.go("/letters/")
    assert 'name="letter"' not in owner.page


def _broken(house: Installation) -> None:
    status, told = house.call("/promises/p-1/outcomes", {"actual": 5}, key=house.key())
    assert (status, told["verdict"]) == (201, "broken"), told


def _complain(house: Installation, owner: Browser, link: str) -> Browser:
    """The code of the order's door is read by a telephone; its page takes one sentence."""
    with owner.opener.open(f"{house.url}/cases/door/code.png?order=o-1") as answer:
        picture = _pixels(answer.read())
    address = zxingcpp.read_barcodes(picture)[0].text
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert address == f"{house.url}/c/o/{token}/"
    customer = Browser(house.url)
    began = time.monotonic()
    customer.go(address)
    stamp = re.search(r'name="opened" value="([^"]+)"', customer.page)
    assert customer.status == 200 and stamp
    customer.send(
        address,
        text="Қақпағы сынған күйде келді",
        contact="aigul@example.org",
        object="product",
        opened=stamp[1],
    )
    assert "/c/k/" in customer.at and time.monotonic() - began < 60, customer.page
    return customer


def _pixels(png: bytes) -> Any:
    """A black and white picture as grey levels."""
    at, data, wide, high = 8, b"", 0, 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            wide, high, depth = *struct.unpack(">II", body[:8]), body[8]
            assert depth == 1
        elif kind == b"IDAT":
            data += body
        at += size + 12
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(high, -1)
    rows = np.zeros((high, raw.shape[1] - 1), np.uint8)
    for n, row in enumerate(raw):
        assert row[0] in (0, 2), "a row is written as it is, or as the change from the one above"
        rows[n] = row[1:] + (rows[n - 1] if row[0] == 2 and n else 0)
    return np.ascontiguousarray(np.unpackbits(rows, axis=1)[:, :wide] * 255)


def _case(owner: Browser) -> str:
    owner.go("/cases/")
    found = re.search(r'href="(/cases/\d+/)"', owner.page)
    assert found and "Қақпағы" in owner.page
    return found[1]


def _step(owner: Browser, case: str, name: str, **more: str) -> None:
    owner.go(case)
    seen = re.search(r'name="seen" value="(\d+)"', owner.page)
    assert seen, owner.page[-3000:]
    owner.send(
        f"{case}step",
        step=name,
        seen=seen[1],
        **{"words": "It was looked at and written down.", "sure": "yes", **more},
    )
    assert owner.status == 200, f"{name}: {owner.page[-3000:]}"


def _loop(owner: Browser, case: str) -> None:
    _cannot_close(owner, case)
    _step(owner, case, "admit", words="You are right: the lid broke on the way.")
    _step(owner, case, "apologise", words="We are sorry. A new lid is on its way.", remedy="redo")
    _step(owner, case, "find_cause", new_cause="Lids break in thin boxes")
    _step(owner, case, "change", what="Thicker boxes", **_OWNED)
    _step(owner, case, "invite")


def _cannot_close(owner: Browser, case: str) -> None:
    owner.go(case)
    seen = re.search(r'name="seen" value="(\d+)"', owner.page)
    assert seen
    owner.send(f"{case}step", step="close", words="done", seen=seen[1], sure="yes")
    assert owner.status >= 400 or "error" in owner.page
    owner.go(case)
    assert 'name="step"' in owner.page  # it is open still


def _judge(customer: Browser, good: str, words: str) -> None:
    customer.go(customer.at)
    for _ in range(3):  # scanners open links as they like
        customer.go(customer.at)
    assert 'name="good"' in customer.page, customer.page[-2000:]
    customer.send("judge", good=good, words=words)
    assert customer.status == 200 and 'name="good"' not in customer.page


def _after(owner: Browser, mails: Mails, case: str) -> None:
    owner.go(case)
    assert 'name="step"' not in owner.page  # closed
    owner.go("/cases/lessons/")
    assert "before the box is closed" in owner.page
    owner.go("/cases/causes/")
    assert "Lids break in thin boxes" in owner.page
    cause = re.search(r'href="(/cases/causes/\d+/)"', owner.page)
    assert cause
    owner.go(cause[1])
    assert "Thicker boxes" in owner.page and "Every lid is looked at twice" in owner.page
    owner.go("/messages/?status=")
    assert owner.status == 200
    await_until(lambda: mails.holds("https://reviews.example/shop"), 60)
    subjects = [str(mail["Subject"]) for mail in mails.taken]
    assert len({mail["Message-ID"] for mail in mails.taken}) == len(subjects) >= 5, subjects
    assert all(mail["To"] == "aigul@example.org" for mail in mails.taken)
    kept = re.search(r"promise/[^\"]+|/promises/[^\"]+", owner.go(case))
    assert kept  # the first answer was a promise of its own
