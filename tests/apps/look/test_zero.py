"""A character of code 0, which PostgreSQL keeps in no text, is no fault wherever it is typed."""

from collections.abc import Callable

import pytest
from django.test import Client

from overdeliver.apps.recovery.models import Case

pytestmark = pytest.mark.django_db
ASKED = [
    "/answers/?q=a%00b",
    "/care/materials/?kind=%00",
    "/care/materials/?q=%00",
    "/care/tasks/?q=a%00",
    "/cases/?q=%00",
    "/cases/causes/?q=%00",
    "/customers/?q=a%00",
    "/journal/?about=%00",
    "/messages/?q=a%00",
    "/promises/?customer=%00",
]
TYPED = [
    ("/care/plans/add/", {"moment": "order", "name": "a\x00"}, 302),
    ("/cases/new/", {"text": "The lid came broken", "customer": "a\x00"}, 422),
    (
        "/settings/templates/promise_revised/en/save/",
        {"subject": "Your order\x00", "text": "It is {{ promise.words }}\x00"},
        302,
    ),
    ("/settings/webhooks/add/", {"url": "https://a.example/\x00"}, 200),
]


@pytest.mark.parametrize(
    "path", ["/customers/a%00b/", "/why/promise:%00/", "/c/k/%00/", "/s/a%00/"]
)
def test_nothing_is_named_by_it(
    shop: object, signed_in: Callable[[str], Client], path: str
) -> None:
    assert signed_in("owner").get(path).status_code == 404


def test_a_stranger_may_type_it(shop: object) -> None:
    typed = {
        "text": "The lid came\x00 broken",
        "contact": "anna@example.org\x00",
        "object": "product",
    }
    assert Client().post("/c/", typed).status_code == 302
    assert Case.objects.get().text == "The lid came broken"
    assert (
        Client().post("/accounts/login/", {"login": "a\x00@b.org", "password": "\x00"}).status_code
        == 200
    )


@pytest.mark.parametrize("path", ASKED)
def test_a_search_for_it_answers(
    shop: object, signed_in: Callable[[str], Client], path: str
) -> None:
    assert signed_in("owner").get(path).status_code == 200


@pytest.mark.parametrize(("path", "typed", "status"), TYPED)
def test_a_form_that_holds_it_is_kept_without_it_or_refused(
    shop: object,
    signed_in: Callable[[str], Client],
    path: str,
    typed: dict[str, str],
    status: int,
) -> None:
    assert signed_in("owner").post(path, typed).status_code == status
