"""Exactly one model promises: published, gone back from, withdrawn; two clicks at once."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.quoting import actions, publishing, reads, serving
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from tests.apps.quoting.conftest import Simulated

Door = Callable[[str], Client]


def another(service: str, status: str = "candidate") -> int:
    """The next version of a service, with the same artefact."""
    row = LearnedModel.objects.filter(service=service).order_by("-version").first()
    assert row is not None
    row.pk, row.version, row.status, row.published_at = None, row.version + 1, status, None
    row.save(force_insert=True)
    return row.version


def published() -> list[int]:
    rows = LearnedModel.objects.filter(status="published")
    return list(rows.values_list("version", flat=True))


@pytest.mark.django_db
def test_going_back_brings_the_version_before_and_a_second_click_changes_nothing(
    learned: Simulated, signed_in: Door
) -> None:
    second = another("sim")
    browser = signed_in("manager")
    browser.post(f"/quoting/of/sim/{second}/publish")
    assert published() == [second]
    assert actions.give_quote("sim", {}).model == f"sim {second}"
    back = browser.post(f"/quoting/of/sim/{second}/back")
    assert back.status_code == 302 and published() == [1]
    again = browser.post(f"/quoting/of/sim/{second}/back")
    assert again.status_code == 409 and published() == [1]
    assert actions.give_quote("sim", {}).model == "sim 1"
    names = [entry.name for entry in journal.life("model:sim")][-2:]
    assert names == ["quoting.model_published", "quoting.model_published"]


@pytest.mark.django_db
def test_going_back_from_the_first_version_leaves_the_stated_promise(learned: Simulated) -> None:
    assert publishing.roll_back("sim", 1) is None
    assert published() == [] and actions.give_quote("sim", {}).promised == 12
    publishing.publish("sim", 1)  # and it can be published again
    assert published() == [1]


@pytest.mark.django_db
def test_what_was_refused_or_damaged_or_is_not_there_is_not_published(learned: Simulated) -> None:
    with pytest.raises(Conflict):
        publishing.publish("sim", another("sim", "refused"))
    broken = another("sim")
    LearnedModel.objects.filter(version=broken).update(artefact=b"PK nothing")
    with pytest.raises(InputError):
        publishing.publish("sim", broken)
    with pytest.raises(NotFound):
        publishing.publish("sim", 99)
    assert published() == [1]


@pytest.mark.django_db
def test_only_who_may_publish_can_publish(learned: Simulated, signed_in: Door) -> None:
    second = another("sim")
    for role in ("analyst", "agent"):
        answer = signed_in(role).post(f"/quoting/of/sim/{second}/publish")
        assert answer.status_code == 403
    assert signed_in("owner").get(f"/quoting/of/sim/{second}/publish").status_code == 405
    assert published() == [1]


@pytest.mark.django_db(transaction=True)
def test_many_publish_at_once_and_one_is_published(shop: object) -> None:
    for version in range(1, 7):
        content = b"bytes"
        LearnedModel.objects.create(
            service="courier",
            version=version,
            artefact=content,
            sha256=hashlib.sha256(content).hexdigest(),
            status="candidate",
            learned_at=timezone.now(),
        )
    results: list[Any] = []
    gate = threading.Barrier(6)

    def click(version: int) -> None:
        gate.wait()
        try:
            publishing._swap("courier", version, None)
            results.append(version)
        except Exception as error:  # noqa: BLE001 - whatever comes is looked at below
            results.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(v,)) for v in range(1, 7)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(published()) == 1, results
    assert set(map(str, results)) <= {*map(str, range(1, 7)), "IntegrityError", "OperationalError"}
    assert (
        len(list(LearnedModel.objects.filter(status="retired")))
        == len([r for r in results if isinstance(r, int)]) - 1
    )


@pytest.mark.django_db
def test_the_database_itself_holds_one_published_per_service(learned: Simulated) -> None:
    from django.db import IntegrityError, transaction

    second = another("sim")
    with pytest.raises(IntegrityError), transaction.atomic():
        LearnedModel.objects.filter(version=second).update(status="published")


@pytest.mark.django_db
def test_another_process_sees_a_new_version_after_a_moment(
    learned: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.serving("sim").learned is not None
    LearnedModel.objects.update(status="retired")  # as another process would
    assert serving.serving("sim").learned is not None  # remembered for two seconds
    monkeypatch.setattr(serving, "_FRESH", 0.0)
    assert serving.serving("sim").learned is None
    assert reads.published("sim") is None
