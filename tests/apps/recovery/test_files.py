"""Files that come with complaints: by their bytes pictures and PDF, never run, never many."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import buckets
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.models import Attachment, Case
from tests.apps.recovery.test_mail_in import letter

pytestmark = pytest.mark.django_db
HTML = b"<html><script>alert(1)</script></html>"
PNG = b"\x89PNG\r\n\x1a\n"
#: Files that are two things at once: the first bytes say what they are handed out as.
POLYGLOTS = (
    (PNG + HTML, "image/png"),
    (b"\xff\xd8\xff\xe0" + HTML, "image/jpeg"),
    (b"%PDF-1.7\n" + HTML, "application/pdf"),
    (b"%PDF-1.7 <svg onload=alert(1)>", "application/pdf"),
    (b"RIFF\x00\x00\x00\x00WEBP" + HTML, "image/webp"),
    (b"\x00\x00\x00\x18ftypheic" + HTML, "image/heic"),
)
REFUSED = (
    HTML,
    b"GIF89a/*" + HTML + b"*/=1;alert(1)",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<?xml version='1.0'?><svg onload='alert(1)'/>",
    b"alert(1)//" + PNG,
    b" " + PNG + HTML,
    b"\x00" + PNG,
    b"\xef\xbb\xbf" + HTML,
    b"PK\x03\x04 a.html",
    b"MZ\x90\x00",
    b"#!/bin/sh\nrm -rf /",
    b"{\\rtf1\\ansi}",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 macros",
)
NAMES = ("a.html", "a.svg", "a.js", "a.png.html", "a.png\x00.html", "../../a.htm", "a.pdf;.xhtml")


@pytest.mark.parametrize(("data", "kind"), POLYGLOTS)
def test_what_is_two_things_is_a_download_and_nothing_else(
    data: bytes, kind: str, shop: Business, client: Client, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    for number, name in enumerate(NAMES):
        buckets._BUCKETS.clear()
        sent = SimpleUploadedFile(name, data, content_type="text/html")
        told = {"text": f"See the picture {number}", "files": sent}
        assert client.post("/c/", told).status_code == 302
    rows = list(Attachment.objects.all())
    assert len(rows) == len(NAMES)
    for row in rows:
        answer = agent.get(f"/cases/{row.case_id}/files/{row.pk}")
        assert answer["Content-Type"] == kind
        assert answer["Content-Disposition"] == (
            f'attachment; filename="complaint-{row.case_id}-{row.pk}.{row.kind}"'
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("data", REFUSED)
def test_what_only_looks_like_one_is_refused_by_the_form_and_left_in_the_mail(
    data: bytes, shop: Business, client: Client
) -> None:
    sent = SimpleUploadedFile("a.png", data, content_type="image/png")
    assert client.post("/c/", {"text": "See the picture", "files": sent}).status_code == 422
    assert not Case.objects.exists()
    mail = letter("See the picture", html="")
    boundary = b"--b\r\nContent-Type: text/plain\r\n\r\nSee the picture\r\n--b\r\n"
    head = mail.split(b"\n\n")[0].replace(b"\n", b"\r\n").split(b"\r\nContent-Type")[0]
    incoming.keep_mail(
        head
        + b'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + boundary
        + b'Content-Type: image/png; name="a.png"\r\nContent-Disposition: attachment\r\n\r\n'
        + data
        + b"\r\n--b--\r\n"
    )
    jobs.read_mail()
    assert Case.objects.count() == 1 and not Attachment.objects.exists()


def test_nobody_fills_the_disk_with_files(shop: Business, client: Client) -> None:
    """Four at most for each complaint, and soon nobody may complain more from one address."""
    many = [SimpleUploadedFile(f"{n}.png", PNG) for n in range(5)]
    assert client.post("/c/", {"text": "Many", "files": many}).status_code == 422
    statuses = [
        client.post(
            "/c/", {"text": f"One {n}", "files": SimpleUploadedFile("a.png", PNG)}
        ).status_code
        for n in range(60)
    ]
    assert 429 in statuses and Attachment.objects.count() == statuses.count(302) < 60
