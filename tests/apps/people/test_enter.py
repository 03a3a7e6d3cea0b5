"""The local link of a demo: it signs its starter in as the owner, and nobody anywhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from overdeliver.apps.business.models import Business
from overdeliver.apps.people.models import Staff
from overdeliver.apps.people.staffing import make_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(shop: Business, settings: Settings, tmp_path: Path) -> Settings:
    settings.DATA = tmp_path
    settings.KNOBS = {**settings.KNOBS, "demo": True}
    (tmp_path / "demo-token").write_text("printed-at-the-start")
    return settings


def test_the_link_of_a_demo_signs_its_owner_in(
    demo: Settings, staff: Callable[[str], Staff]
) -> None:
    staff("manager")
    owner = staff("owner")
    client = Client()
    assert client.get("/enter/printed-at-the-start/").headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert client.get("/settings/people/").status_code == 200


@pytest.mark.parametrize("token", ["guessed", "printed-at-the-star", "ключ"])
def test_another_link_signs_nobody_in(
    demo: Settings, staff: Callable[[str], Staff], token: str
) -> None:
    staff("owner")
    client = Client()
    assert client.get(f"/enter/{token}/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_without_a_demo_or_its_owner_there_is_no_such_link(
    demo: Settings, staff: Callable[[str], Staff]
) -> None:
    assert Client().get("/enter/printed-at-the-start/").status_code == 404  # no owner yet
    staff("owner").delete()
    Staff.objects.create_user("gone@example.org", "secret", role="owner", is_active=False)
    assert Client().get("/enter/printed-at-the-start/").status_code == 404  # he left
    staff("owner")
    demo.KNOBS = {**demo.KNOBS, "demo": False}
    assert Client().get("/enter/printed-at-the-start/").status_code == 404


def test_a_demo_speaks_the_language_that_was_asked_for(demo: Settings) -> None:
    """A browser of another language changes nothing; without one asked for, it decides."""
    number = make_owner("o@example.org", "a long password 7", "Demo", "kk")
    client = Client(headers={"accept-language": "ro"})
    client.get("/enter/printed-at-the-start/")
    assert 'lang="kk"' in client.get("/").content.decode()
    Staff.objects.filter(pk=number).update(language="")
    assert 'lang="ro"' in client.get("/").content.decode()
