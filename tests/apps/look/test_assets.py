"""Style sheets and scripts: an address for each content, kept by the browser, and whole."""

import hashlib
import re

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_address_of_a_style_sheet_holds_its_hash(shop: object, client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    found = re.search(r'href="/static/look/app\.css\?v=(\w{10})"', page)
    path = finders.find("look/app.css")
    assert found and isinstance(path, str)
    with open(path, "rb") as sheet:
        assert hashlib.sha256(sheet.read()).hexdigest().startswith(found[1])


def test_a_file_that_is_not_there_has_a_plain_address() -> None:
    assert staticfiles_storage.url("look/nothing.css") == "/static/look/nothing.css"


def test_a_script_is_served_for_long_with_its_kind(client: Client) -> None:
    answer = client.get("/static/look/htmx.min.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert "max-age=2592000" in answer["Cache-Control"]
    assert b"htmx" in b"".join(answer)  # type: ignore[arg-type]


def test_the_page_of_a_failure_needs_nothing(client: Client) -> None:
    from overdeliver.server.problems import failed

    answer = failed(client.get("/accounts/login/").wsgi_request)
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "{%" not in text and "{{" not in text and "<style" not in text and "<script" not in text
