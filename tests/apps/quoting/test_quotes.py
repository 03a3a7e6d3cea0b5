"""Quotes through the API: asked, accepted, refused; and what is kept of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from typer.testing import CliRunner

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Service
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import reads as people
from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting import actions, jobs, runs, serving
from overdeliver.apps.quoting.models import LearnedModel, Quote
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.cli.main import app
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from tests.apps.quoting.conftest import Simulated

pytestmark = pytest.mark.django_db

Door = Callable[..., Client]
RIGHTS = ("quoting.write", "quoting.see")


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


@pytest.fixture
def stated(shop: object) -> str:
    Service.objects.filter(slug="courier").update(fallback=90)
    return "courier"


def test_a_quote_asked_and_accepted_is_a_promise_on_the_same_terms(
    learned: Simulated, api: Door
) -> None:
    shop = api(*RIGHTS)
    answer = post(shop, "/api/v1/quotes", service="sim", features=learned.later[0].features)
    assert answer.status_code == 201
    quote = answer.json()
    assert quote["shown"] and quote["promise"].startswith("by ")
    assert quote["range"]["low"] < quote["range"]["high"] <= quote["promised"]
    assert quote["level"] == 0.9 and quote["model"] == "sim 1" and len(quote["because"]) >= 2
    accept = f"/api/v1/quotes/{quote['quote_id']}/accept"
    done = post(shop, accept, order="o-77", customer="c-1", amount="99.90", currency="EUR")
    assert done.status_code == 200, done.content
    made = promises.promise(done.json()["promise_id"])
    assert (made.promised, made.level, made.source) == (quote["promised"], 0.9, "quote")
    assert made.words == quote["promise"] and made.order == "o-77"
    assert made.due_at is not None
    assert abs(made.due_at - datetime.fromisoformat(quote["due_at"])) < timedelta(milliseconds=1)
    assert promises.order("o-77").features["seller"] == learned.later[0].features["seller"]
    names = [entry.name for entry in journal.life(f"quote:{quote['quote_id']}")]
    assert names == ["quoting.quote_accepted"]
    assert journal.decisions(f"quote:{quote['quote_id']}")[0].verdict == "promise"


def test_twice_the_same_acceptance_is_one_promise_and_another_order_is_refused(
    stated: str, api: Door
) -> None:
    shop = api(*RIGHTS)
    quote = post(shop, "/api/v1/quotes", service=stated).json()["quote_id"]
    first = post(shop, f"/api/v1/quotes/{quote}/accept", order="o-1").json()
    again = post(shop, f"/api/v1/quotes/{quote}/accept", order="o-1")
    assert again.status_code == 200 and again.json()["promise_id"] == first["promise_id"]
    other = post(shop, f"/api/v1/quotes/{quote}/accept", order="o-2")
    assert other.status_code == 409 and "another order" in other.json()["detail"]
    assert len(promises.promises(promises.Filter()).rows) == 1


def test_an_expired_quote_is_refused(stated: str, api: Door) -> None:
    quote = actions.give_quote(stated)
    with time_machine.travel(quote.expires_at + timedelta(seconds=1)):
        answer = post(api(*RIGHTS), f"/api/v1/quotes/{quote.reference}/accept", order="o-1")
    assert answer.status_code == 409 and "expired" in answer.json()["detail"]
    assert promises.count(promises.Filter()) == 0


def test_an_accepted_quote_can_still_be_looked_up_after_it_expired(stated: str, api: Door) -> None:
    quote = actions.give_quote(stated)
    actions.accept_quote(quote.reference, order="o-1")
    with time_machine.travel(quote.expires_at + timedelta(days=3)):
        again = actions.accept_quote(quote.reference, order="o-1")
    assert again.promise == f"q-{quote.reference}"


def test_when_accepting_fails_nothing_is_claimed(stated: str) -> None:
    quote = actions.give_quote(stated)
    with pytest.raises(InputError):  # an amount without its currency
        actions.accept_quote(quote.reference, order="o-1", amount=5)  # type: ignore[arg-type]
    assert Quote.objects.get().accepted_at is None
    assert actions.accept_quote(quote.reference, order="o-1").promise


def test_without_a_model_the_stated_promise_holds_and_claims_no_level(stated: str) -> None:
    quote = actions.give_quote(stated)
    assert (quote.promised, quote.level, quote.model, quote.shown) == (90, None, "", True)
    assert quote.words == "within 90 minutes"


def test_without_model_and_stated_promise_nothing_is_shown_and_nothing_can_be_accepted(
    shop: object, api: Door
) -> None:
    client = api(*RIGHTS)
    quote = post(client, "/api/v1/quotes", service="courier").json()
    assert not quote["shown"] and quote["promise"] == "" and quote["promised"] is None
    refused = post(client, f"/api/v1/quotes/{quote['quote_id']}/accept", order="o-1")
    assert refused.status_code == 409 and "not shown" in refused.json()["detail"]


def test_a_quote_too_wide_for_the_policy_is_hidden_with_the_reason(learned: Simulated) -> None:
    business.set_policy(PromisingPolicy(widest=1.05))
    serving.forget()
    quote = actions.give_quote("sim", learned.later[0].features)
    assert not quote.shown and quote.words == ""
    assert any("times the middle outcome" in line for line in quote.because)


def test_reasons_are_said_in_the_language_asked_for(stated: str) -> None:
    quote = actions.give_quote(stated, language="kk")
    assert quote.words == "90 минут ішінде"
    assert quote.because[0] == "Бұл қызметтің жарияланған моделі әлі жоқ."


HOSTILE: list[dict[str, Any]] = [
    {"x": {"deep": {"deeper": 1}}},
    {"x": ["list"]},
    {"x": "y" * 500},
    {"x" * 200: 1},
    {f"f{i}": i for i in range(200)},
    {"weight_kg": "heavy"},
    {"weight_kg": 10**400},
    {"weight_kg": "1e999"},
    {"weight_kg": "nan"},
    {"x": "a\x00b"},
    {"": 1},
]


@pytest.mark.parametrize("features", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_features_are_refused_and_leave_nothing_behind(
    learned: Simulated, api: Door, features: dict[str, Any]
) -> None:
    answer = post(api(*RIGHTS), "/api/v1/quotes", service="sim", features=features)
    assert answer.status_code == 422, answer.content
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    "features",
    [{}, {"seller": "never seen"}, {"seller": 7}, {"weight_kg": "1.5"}, {"weight_kg": None},
     {"seller": "'; DROP TABLE quoting_quote; --"}, {"unknown": True}],
)  # fmt: skip
def test_strange_but_harmless_features_get_what_is_usual(
    learned: Simulated, features: dict[str, Any]
) -> None:
    quote = actions.give_quote("sim", features)
    assert quote.promised is not None and quote.promised > 0


@pytest.mark.parametrize("level", [0.0, 0.2, 1.0, 1.5, -1])
def test_a_level_that_is_none_is_refused(stated: str, api: Door, level: float) -> None:
    answer = post(api(*RIGHTS), "/api/v1/quotes", service=stated, level=level)
    assert answer.status_code == 422


def test_doors_are_closed_without_the_right(stated: str, api: Door) -> None:
    assert post(api("quoting.see"), "/api/v1/quotes", service=stated).status_code == 403
    assert post(Client(), "/api/v1/quotes", service=stated).status_code == 401
    assert api(*RIGHTS).get("/api/v1/quotes/none").status_code == 404
    assert post(api(*RIGHTS), "/api/v1/quotes", service="none").status_code == 404


def test_a_tampered_artefact_is_refused_and_the_stated_promise_holds(
    learned: Simulated, caplog: pytest.LogCaptureFixture
) -> None:
    row = LearnedModel.objects.get()
    broken = bytearray(row.artefact)
    broken[len(broken) // 2] ^= 1
    LearnedModel.objects.update(artefact=bytes(broken))
    serving.forget()
    quote = actions.give_quote("sim", learned.later[0].features)
    assert (quote.promised, quote.model) == (12, "") and "changed or damaged" in caplog.text


def test_even_with_its_hash_a_foreign_file_is_no_model(learned: Simulated) -> None:
    import hashlib

    evil = b"PK\x03\x04 not an artefact"
    LearnedModel.objects.update(artefact=evil, sha256=hashlib.sha256(evil).hexdigest())
    serving.forget()
    assert actions.give_quote("sim", {}).model == ""


def test_a_quote_of_a_service_that_is_not_offered_is_refused(shop: object) -> None:
    Service.objects.filter(slug="courier").update(active=False)
    with pytest.raises(NotFound):
        actions.give_quote("courier")


def test_the_quote_counts_from_when_it_is_placed(stated: str) -> None:
    monday = datetime.now(UTC) + timedelta(days=2)
    quote = actions.give_quote(stated, placed_at=monday)
    assert quote.due_at == monday + timedelta(minutes=90)
    with pytest.raises(InputError):
        actions.give_quote(stated, placed_at=monday + timedelta(days=900))
    with pytest.raises(InputError):
        actions.give_quote(stated, placed_at=datetime(2026, 11, 25))


def test_a_withdrawn_service_class_is_said_by_its_name(shop: object) -> None:
    cabin = Service.objects.create(
        slug="cabin", name="Cabin", lever="service", unit="class", fallback=2
    )
    for rank, name in enumerate(("economy", "business"), 1):
        cabin.classes.create(name=name, rank=rank)
    quote = actions.give_quote("cabin")
    assert (quote.words, quote.due_at) == ("at least business", None)
    made = actions.accept_quote(quote.reference, order="o-1")
    assert promises.promise(made.promise).promised == 2


def test_a_quote_accepted_after_it_was_claimed_by_another_order_changes_nothing(
    stated: str,
) -> None:
    quote = actions.give_quote(stated)
    actions.accept_quote(quote.reference, order="o-1")
    with pytest.raises(Conflict):
        actions.accept_quote(quote.reference, order="o-2")
    with pytest.raises(NotFound):
        promises.order("o-2")


def test_learning_is_asked_for_once_however_often_one_presses(shop: object) -> None:
    assert runs.ask_to_learn() == runs.ask_to_learn()
    assert runs.ask_to_learn(key="night:x") == runs.ask_to_learn(key="night:x")


def test_a_persons_export_holds_the_quotes_he_took(stated: str) -> None:
    taken, _ = (actions.give_quote(stated, {"district": d}) for d in ("north", "south"))
    actions.accept_quote(taken.reference, order="o-1", customer="c-1")
    card = people.customer("c-1")
    said = data_of(card.id)["quotes"]
    assert [one["reference"] for one in said] == [taken.reference]
    assert said[0]["features"] == {"district": "north"} and said[0]["words"]


def test_quotes_nobody_took_go_after_a_while(stated: str) -> None:
    taken, left = (actions.give_quote(stated, {}) for _ in range(2))
    actions.accept_quote(taken.reference, order="o-1", customer="c-1")
    later = left.expires_at + timedelta(days=180)
    with time_machine.travel(later - timedelta(hours=1)):
        assert jobs.prune_quotes() == 0
    with time_machine.travel(later + timedelta(hours=1)):
        business.set_policy(RetentionPolicy(quotes_days=0))
        assert jobs.prune_quotes() == 0
        business.set_policy(RetentionPolicy(quotes_days=180))
        assert jobs.prune_quotes() == 1
    assert list(Quote.objects.values_list("reference", flat=True)) == [taken.reference]


def test_a_quote_by_hand_from_the_command_line(stated: str) -> None:
    said = CliRunner().invoke(app, ["quote", stated, "--feature", "district=north"])
    assert said.exit_code == 0, said.output
    assert said.output.startswith("within ") or said.output.startswith("by ")
    assert not Quote.objects.exists()
    told = CliRunner().invoke(app, ["quote", stated, "--json"])
    assert json.loads(told.output)["promised"] == 90
