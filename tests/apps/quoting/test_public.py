"""Quotes on the shop's own pages: who may ask, what is answered, and that nothing is stored."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.people import buckets
from overdeliver.apps.quoting import public, serving
from overdeliver.apps.quoting.models import Quote
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from tests.apps.quoting.conftest import Simulated

pytestmark = pytest.mark.django_db
Door = Callable[[str], Client]
SHOP = "https://shop.example"


@pytest.fixture
def anyone(learned: Simulated) -> Iterator[Client]:
    """Somebody with a browser; the service is public, for one web site."""
    business.set_policy(PromisingPolicy(public=("sim",), origins=(SHOP,)))
    serving.forget()
    buckets._BUCKETS.clear()
    yield Client()
    buckets._BUCKETS.clear()


def test_the_shop_gets_the_promise_and_nothing_is_stored(anyone: Client) -> None:
    answer = anyone.get("/q/sim/quote?seller=seller-004&language=pt", headers={"origin": SHOP})
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == SHOP and "Origin" in answer["Vary"]
    found = answer.json()
    assert found["shown"] and found["promise"].startswith("até ")
    assert set(found) == {"service", "shown", "promise", "due_at", "promised", "unit"}
    assert not Quote.objects.exists() and "Set-Cookie" not in answer.headers


def test_another_web_site_is_refused(anyone: Client) -> None:
    answer = anyone.get("/q/sim/quote", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403 and "Access-Control-Allow-Origin" not in answer.headers
    assert anyone.get("/q/sim/quote").status_code == 200  # the plain page's own browser


def test_a_question_as_json_and_its_preflight(anyone: Client) -> None:
    before = anyone.options("/q/sim/quote", headers={"origin": SHOP})
    assert before.status_code == 200 and "POST" in before["Access-Control-Allow-Methods"]
    body = json.dumps({"features": {"weight_kg": 2.0}, "language": "ru"})
    answer = anyone.post(
        "/q/sim/quote", body, content_type="application/json", headers={"origin": SHOP}
    )
    assert answer.json()["promise"].startswith("не позднее ")


@pytest.mark.parametrize("body", ["", "[]", "{", '{"features": 3}', "[" * 9000, "x" * 30_000])
def test_a_body_that_is_none_is_refused(anyone: Client, body: str) -> None:
    answer = anyone.post("/q/sim/quote", body, content_type="application/json")
    assert answer.status_code == 422


def test_features_the_model_does_not_know_are_not_read(anyone: Client) -> None:
    assert anyone.get("/q/sim/quote", {"name": "x" * 5000, "evil": "y"}).status_code == 200
    assert anyone.get("/q/sim/quote", {"weight_kg": "heavy"}).status_code == 422


def test_a_service_that_is_not_public_is_not_there(anyone: Client, shop: object) -> None:
    for address in ("/q/courier.js", "/q/courier/quote", "/q/courier/", "/q/nothing/quote"):
        assert anyone.get(address).status_code == 404, address


def test_one_address_asks_so_often_and_no_more(anyone: Client) -> None:
    answers = [anyone.get("/q/sim/quote").status_code for _ in range(public.BURST + 5)]
    assert answers[: public.BURST] == [200] * public.BURST and answers[-1] == 429
    assert anyone.get("/q/sim/quote", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_script_is_small_still_and_sets_nothing(anyone: Client) -> None:
    answer = anyone.get("/q/sim.js")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript") and len(text) < 4096
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    for forbidden in ("cookie =", "localStorage", "eval(", "innerHTML", "document.write"):
        assert forbidden not in text
    assert "300" in text and "aria-live" in text and "omit" in text


def test_the_plain_page_needs_no_script(anyone: Client) -> None:
    empty = anyone.get("/q/sim/").content.decode()
    assert "<form" in empty and "seller-004" not in empty  # known sellers are nobody's business
    asked = anyone.get("/q/sim/?weight_kg=2&seller=seller-004").content.decode()
    assert "by " in asked and not Quote.objects.exists()
    assert anyone.get("/q/sim/?weight_kg=heavy").status_code == 422


def test_the_policy_page_makes_a_service_public(learned: Simulated, signed_in: Door) -> None:
    browser = signed_in("manager")
    form = {"level": "90", "valid_hours": "24", "widest": "5", "least_outcomes": "0",
            "judged_least": "20", "public:sim": "on", "origins": f"{SHOP}/\n", "version": "1",
            "level:sim": "95", "note": "for the shop"}  # fmt: skip
    assert browser.post("/quoting/policy/", form).status_code == 302
    policy = PromisingPolicy.of({}, 1)
    from overdeliver.apps.business import reads

    policy = reads.policy(PromisingPolicy)
    assert policy.public == ("sim",) and policy.origins == (SHOP,)
    assert policy.level_of("sim") == 0.95 and not policy.rounded
    assert browser.post("/quoting/policy/", form).status_code == 422  # version 1 is no longer it
    wrong = browser.post("/quoting/policy/", {**form, "version": "2", "origins": "shop"})
    assert wrong.status_code == 422 and "must look like" in wrong.content.decode()
    page = browser.get("/quoting/of/sim/").content.decode()
    assert "data-overdeliver-quote" in page and "/q/sim.js" in page
    assert signed_in("analyst").post("/quoting/policy/", form).status_code == 403
