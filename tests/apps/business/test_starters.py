"""Starters: every kind is complete, in five languages, and fits the simulated data."""

import pytest

from overdeliver.apps.business import actions, models, reads
from overdeliver.apps.business.contacts import PHASES
from overdeliver.apps.business.starters import services_for, starter
from overdeliver.apps.journal import reads as journal
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.simulate.kinds import KINDS
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.hours import BusinessHours


@pytest.mark.parametrize("kind", KINDS)
def test_a_starter_maps_dozens_of_touchpoints_from_first_advertisement_to_first_use(
    kind: str,
) -> None:
    given = starter(kind)
    assert len(given.touchpoints) >= 24
    assert len({one.slug for one in given.touchpoints}) == len(given.touchpoints)
    assert [p for p in PHASES if any(t.phase == p for t in given.touchpoints)] == list(PHASES)
    assert any(one.slug == "complaint" for one in given.touchpoints)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(kind: str, language: str) -> None:
    given = starter(kind)
    for contact in given.touchpoints:
        assert all(len(text) >= 3 for text in contact.texts[language]), contact.slug
        assert len(contact.texts[language]) == 3
        if language != "en":
            assert contact.texts[language] != contact.texts["en"], contact.slug
    for service in given.services:
        assert service.names[language]


@pytest.mark.parametrize("kind", KINDS)
def test_the_simulated_services_are_the_simulated_promises_main_one_first(kind: str) -> None:
    simulated = [one for one in services_for(kind) if one.simulated]
    known = {spec.lever: spec for spec in KINDS[kind].specs}
    assert {one.lever for one in simulated} == set(known)
    assert simulated[0].lever == KINDS[kind].main
    for one in simulated:
        spec = known[one.lever]
        assert one.unit == ("currency" if one.lever == "cost" else spec.unit)
        assert one.whole == spec.calendar
        assert set(one.features) >= set(KINDS[kind].factors)
        if one.lever == "service":
            assert len(one.classes["en"]) == len(KINDS[kind].classes)


@pytest.mark.parametrize("kind", KINDS)
def test_the_usual_hours_are_hours(kind: str) -> None:
    assert any(BusinessHours("Asia/Almaty", starter(kind).week).week)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "language"), [("carservice", "ro"), ("taxi", "kk")])
def test_beginning_makes_the_whole_business(kind: str, language: str) -> None:
    actions.begin(kind, language, "Casa Mea", "RO", "Europe/Bucharest", "RON")
    here = reads.business()
    assert here is not None and (here.name, here.language) == ("Casa Mea", language)
    services = reads.services()
    assert [one.slug for one in services] == [one.slug for one in services_for(kind)]
    assert all(one.unit != "currency" for one in services)
    assert models.Touchpoint.objects.count() == len(starter(kind).touchpoints)
    assert (reads.hours() is not None) and models.Shift.objects.exists()
    assert journal.life("business:profile")[0].name == "business.business_set_up"


@pytest.mark.django_db
def test_there_is_one_business_and_half_a_one_is_none() -> None:
    with pytest.raises(InputError, match="zone"):
        actions.begin("pizza", "en", "P", "RO", "Mars/Base", "RON")
    assert reads.business() is None and not models.Service.objects.exists()
    actions.begin("pizza", "en", "P", "RO", "Europe/Bucharest", "RON")
    with pytest.raises(Conflict):
        actions.begin("salon", "en", "S", "RO", "Europe/Bucharest", "RON")
    assert [one.slug for one in reads.services()] == ["delivery"]


@pytest.mark.django_db
def test_a_demo_holds_only_services_that_are_filled() -> None:
    actions.begin("b2b", "en", "B", "PT", "Europe/Lisbon", "EUR", demo=True)
    assert [one.slug for one in reads.services()] == ["order"]
