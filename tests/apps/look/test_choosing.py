"""Language and light are kept in the browser; the way back stays in the house."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_choice_is_kept_and_leads_back(shop: object, client: Client) -> None:
    answer = client.post(
        "/choose", {"language": "kk", "theme": "dark", "next": "/accounts/login/?next=/money/"}
    )
    assert answer["Location"] == "/accounts/login/?next=/money/"
    page = client.get("/accounts/login/").content.decode()
    assert '<html lang="kk" data-theme="dark">' in page
    client.post("/choose", {"theme": ""})
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_nobody_is_led_out_of_the_house(shop: object, client: Client, back: str) -> None:
    where = client.post("/choose", {"language": "ro", "next": back})["Location"]
    assert where == "/"


def test_a_language_or_light_that_is_none_changes_nothing(shop: object, client: Client) -> None:
    answer = client.post("/choose", {"language": "tlh", "theme": "pink"})
    assert not answer.cookies
    assert client.get("/choose").status_code == 405
