"""The logo: taken in if it is a sound picture, then on public pages, in mails and on letters."""

import base64
import struct
import zlib
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from overdeliver.apps.business import logo
from overdeliver.apps.business.models import Business, Logo
from overdeliver.apps.business.pictures import measured
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.outreach import mail, paper
from overdeliver.apps.outreach.carriers import Parcel
from overdeliver.apps.outreach.models import Message
from overdeliver.vocabulary.errors import InputError, NotFound
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
JPEG = base64.b64decode(
    b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKra"
    b"rYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    b"+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAQADADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAA"
    b"AAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAMF/8QAFBEBAAAAAAAAAAAAAAAA"
    b"AAAAAP/aAAwDAQACEQMRAD8AmASaAAAAD//Z"
)  # 48 x 16, red


def png(width: int, height: int, colour: bytes = b"\xff\x00\x00") -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sealed = kind + data
        return struct.pack(">I", len(data)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * width) * height
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


RED = png(320, 80)


@pytest.fixture
def owner(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


def send(owner: Client, data: bytes) -> int:
    """Hand a picture in on the page; the status."""
    sent = SimpleUploadedFile("logo.png", data, "image/png")
    return owner.post("/settings/logo/", {"logo": sent}).status_code


def address() -> str:
    """Where the logo in use is."""
    found = logo.logo()
    return f"/logo/{found.name}" if found else ""


def test_a_logo_is_taken_in_shown_to_everybody_and_taken_back(owner: Client) -> None:
    assert send(owner, RED) == 302 and send(owner, JPEG) == 302
    shown = Client().get(address())
    assert shown.content == JPEG and shown.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    for page in ("/c/", "/accounts/login/"):
        assert f'src="{address()}" alt="Shop"' in Client().get(page).content.decode(), page
    before = address()
    owner.post("/settings/undo/")
    assert Client().get(address()).content == RED
    assert Client().get(before).status_code == 404
    owner.post("/settings/logo/", {"remove": "yes"})
    assert logo.logo() is None and b"<img" not in Client().get("/c/").content
    owner.post("/settings/undo/")
    assert Client().get(address()).content == RED
    assert [one.data["fields"] for one in journal.life("business:profile")][-1] == ["logo"]


def test_no_more_than_two_pictures_are_kept(owner: Client) -> None:
    for colour in (b"\x00\x00\xff", b"\x00\xff\x00", b"\xff\x00\x00"):
        send(owner, png(64, 32, colour))
    assert Logo.objects.count() == 2
    with pytest.raises(NotFound):
        logo.use_logo("gone")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"GIF89a" + b"\0" * 50,
        RED[:60],  # cut off behind its header
        JPEG[:40],
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 50_000, 50_000) + b"\0" * 40,
        png(320, 8),
        RED + b"\0" * 100_000,
        b"\xff\xd8\xff\xe0\x00\x00" * 20,
        b"\xff\xd8" + b"\xff" * 100,
    ],
)
def test_what_is_no_sound_small_picture_is_refused_in_words(owner: Client, data: bytes) -> None:
    sent = SimpleUploadedFile("logo.png", data, "image/png")
    answer = owner.post("/settings/logo/", {"logo": sent})
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert logo.logo() is None and not Logo.objects.exists()


def test_the_picture_comes_with_the_mail_and_nothing_is_loaded(owner: Client) -> None:
    parcel = Parcel(
        id=1, channel="mail", purpose="service", message_id="<m@example.org>",
        address="anna@example.org", subject="Hello", text="Hello Anna", language="en",
        customer=None, attempt=1,
    )  # fmt: skip
    kinds, _ = parts(parcel)
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    send(owner, RED)
    kinds, found = parts(parcel)
    alternative = ["multipart/alternative", "text/plain", "text/html"]
    assert kinds == ["multipart/related", *alternative, "image/png"]
    page, picture = found[3].get_content(), found[4]
    assert picture.get_content() == RED and picture.get_content_disposition() == "inline"
    name = picture["Content-ID"].strip("<>")
    assert f'src="cid:{name}" alt="Shop" width="192" height="48"' in page
    assert page.count("src=") == 1


def parts(parcel: Parcel) -> tuple[list[str], list[EmailMessage]]:
    """The parts of a mail as a reader's program finds them, and their kinds."""
    sent = mail.made(parcel).message().as_bytes()
    whole = message_from_bytes(sent, policy=policy.default)
    found = list(whole.walk())
    return [one.get_content_type() for one in found], found


def test_the_picture_stands_above_the_sender_on_a_letter(owner: Client) -> None:
    row = Message(address="Anna", subject="Hello", text="Hello Anna", language="en")
    for data, red in ((None, False), (RED, True), (JPEG, True)):
        if data:
            logo.keep_logo(data)
        page = pypdfium2.PdfDocument(paper.pdf([row], NOON))[0]
        picture = page.render(scale=2).to_numpy()
        dots = picture.shape[0] / 297  # a mm
        head = picture[: int(25 * dots), int(100 * dots) :, :3].astype(int)
        found = (abs(head[..., 0] - head[..., 2]) > 100).any()
        assert found == red
        assert (picture[int(45 * dots) : int(90 * dots), :, :3].astype(int).std(axis=2) < 20).all()


def test_a_header_tells_the_size() -> None:
    assert measured(RED) == ("png", 320, 80) and measured(JPEG) == ("jpeg", 48, 16)
    assert logo.Logo("", "png", b"", 100, 400).within(240, 48) == (12, 48)
    with pytest.raises(InputError):
        logo.keep_logo(b"no picture")
