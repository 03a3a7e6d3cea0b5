"""Members of staff: joining, roles, leaving; never without an owner."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import actions, links, staffing
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.apps.people.rules import RIGHTS, SigningPolicy, rights_of_role
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


def test_the_first_link_makes_the_owner_once_and_nobody_becomes_owner_by_chance() -> None:
    door = actions.first_link()
    assert door is not None and door.startswith("/welcome/")
    stranger = Client()
    assert stranger.get("/welcome/").status_code == 302  # to the sign-in page
    assert stranger.get("/welcome/t/guessed/").status_code == 404
    assert stranger.get(door).status_code == 200
    weak = stranger.post(door, {"email": "o@example.org", "name": "O", "password": "12345678"})
    assert weak.status_code == 422 and "o@example.org" in weak.content.decode()
    made = stranger.post(door, {"email": "o@example.org", "name": "O", "password": GOOD})
    assert made.status_code == 302
    assert Staff.objects.get().role == "owner"
    assert stranger.get("/welcome/").status_code == 200  # signed in
    assert Client().get(door).status_code == 404
    assert actions.first_link() is None


def test_a_newer_first_link_ends_the_one_before() -> None:
    old, new = actions.first_link(), actions.first_link()
    assert Client().get(str(old)).status_code == 404
    assert Client().get(str(new)).status_code == 200


def test_only_the_hash_of_a_link_is_kept_and_none_is_in_the_journal() -> None:
    token = links.invite("a@example.org", "agent", by=None)
    row = Invitation.objects.get()
    assert token not in str(vars(row))
    assert token not in str([entry.data for entry in journal.latest()])
    assert "a@example.org" not in str([entry.data for entry in journal.latest()])


def test_an_invitation_is_taken_up_once(signed_in: Callable[[str], Client]) -> None:
    owner = signed_in("owner")
    Business.objects.create(
        name="S", kind="webshop", country="KZ", zone="Asia/Almaty", currency="KZT"
    )
    typed = {"email": "New@Example.org", "role": "analyst", "team": "north", "language": "kk"}
    shown = owner.post("/settings/people/invite/", typed).content.decode()
    path = "/join/" + shown.split("/join/")[1].split("<")[0].strip()
    guest = Client()
    assert guest.get(path).status_code == 200
    assert guest.post(path, {"name": "New", "password": GOOD}).status_code == 302
    row = Staff.objects.get(email="new@example.org")
    assert (row.role, row.team, row.language, row.check_password(GOOD)) == (
        "analyst",
        "north",
        "kk",
        True,
    )
    assert Client().get(path).status_code == 404
    assert guest.get("/settings/people/").status_code == 403
    again = owner.post("/settings/people/invite/", typed)
    assert again.status_code == 422


def test_a_withdrawn_invitation_works_no_longer(signed_in: Callable[[str], Client]) -> None:
    token = links.invite("a@example.org", "agent", by=None)
    links.withdraw_invitation(Invitation.objects.get().pk)
    with pytest.raises(NotFound):
        links.opened(token)


@pytest.mark.parametrize("what", ["deactivate", "demote"])
def test_the_last_owner_stays(staff: Callable[[str], Staff], what: str) -> None:
    owner = staff("owner")
    staff("manager")
    with pytest.raises(Conflict, match="last owner"):
        if what == "deactivate":
            staffing.deactivate(owner.pk)
        else:
            staffing.change_staff(owner.pk, role="agent", team="", name="")
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)


@pytest.mark.django_db(transaction=True)
def test_two_owners_demoting_each_other_at_once_leave_one() -> None:
    for _ in range(3):
        Staff.objects.all().delete()
        one = Staff.objects.create_user("1@example.org", GOOD, role="owner")
        two = Staff.objects.create_user("2@example.org", GOOD, role="owner")
        start, refused = threading.Barrier(2), []

        def demote(number: int, start: threading.Barrier = start, out: list[int] = refused) -> None:
            try:
                start.wait(5)
                staffing.change_staff(number, role="agent", team="", name="")
            except Conflict:
                out.append(number)
            finally:
                connection.close()

        threads = [threading.Thread(target=demote, args=(row.pk,)) for row in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert Staff.objects.filter(role="owner", is_active=True).count() == 1
        assert len(refused) == 1


def test_leaving_ends_the_sessions_and_coming_back_does_not_revive_them(
    shop: Business, staff: Callable[[str], Staff], signed_in: Callable[[str], Client]
) -> None:
    signed_in("owner")
    client = signed_in("agent")
    assert client.get("/account/").status_code == 200
    agent = Staff.objects.get(role="agent")
    staffing.deactivate(agent.pk)
    assert client.get("/account/").status_code == 302
    staffing.reactivate(agent.pk)
    assert client.get("/account/").status_code == 302


def test_a_new_password_ends_the_old_sessions(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    old = signed_in("agent")
    assert old.get("/account/").status_code == 200
    agent = Staff.objects.get(role="agent")
    token = links.password_link(agent.pk)
    with pytest.raises(InputError):
        staffing.choose_password(token, "short")
    new = Client()
    assert new.post(f"/password/{token}/", {"password": GOOD}).status_code == 302
    assert new.get("/account/").status_code == 200
    assert old.get("/account/").status_code == 302
    assert Client().get(f"/password/{token}/").status_code == 404


def test_signing_out_everywhere(shop: Business, signed_in: Callable[[str], Client]) -> None:
    here = signed_in("agent")
    there = Client()
    there.force_login(Staff.objects.get(role="agent"))
    for client in (here, there):
        assert client.get("/account/").status_code == 200
    assert here.post("/account/sign-out/").status_code == 302
    assert here.get("/account/").status_code == there.get("/account/").status_code == 302


def test_roles_that_owe_a_second_factor_see_only_their_account(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    manager, agent = signed_in("manager"), signed_in("agent")
    assert manager.get("/customers/").status_code == 200
    business.set_policy(SigningPolicy(second_factor_for=("owner", "manager")))
    assert manager.get("/customers/").headers["Location"] == "/account/"
    assert manager.get("/account/").status_code == 200
    assert agent.get("/customers/").status_code == 200
    from allauth.mfa.models import Authenticator

    row = Staff.objects.get(role="manager")
    Authenticator.objects.create(user=row, type=Authenticator.Type.TOTP, data={})
    assert manager.get("/customers/").status_code == 200


def test_failed_sign_ins_are_throttled(shop: Business, staff: Callable[[str], Staff]) -> None:
    staff("agent")
    client = Client()
    typed = {"login": "agent@example.org", "password": "wrong"}
    for _ in range(5):
        assert client.post("/accounts/login/", typed).status_code == 200
    client.post("/accounts/login/", {**typed, "password": "secret"})
    assert "_auth_user_id" not in client.session  # the right one is not even tried now


def test_keys_are_shown_once_used_and_revoked(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    owner = signed_in("owner")
    nothing = owner.post("/settings/keys/", {"name": "till"})
    assert nothing.status_code == 422 and 'value="till"' in nothing.content.decode()
    shown = owner.post("/settings/keys/", {"name": "till", "rights": ["customers.see"]})
    key = "od_" + shown.content.decode().split("od_")[1].split("<")[0]
    assert key not in owner.get("/settings/keys/").content.decode()
    program = Client(headers={"authorization": f"Bearer {key}"})
    assert program.get("/api/v1/me").status_code == 200
    from overdeliver.apps.people.models import ApiKey

    owner.post(f"/settings/keys/{ApiKey.objects.get().pk}/revoke/")
    assert program.get("/api/v1/me").status_code == 401


def test_rights_grow_with_the_role() -> None:
    owner, manager, agent = (rights_of_role(r) for r in ("owner", "manager", "agent"))
    assert owner == set(RIGHTS) and manager < owner and agent < manager
    assert not {"people.manage", "keys.manage", "customers.erase"} & manager
    assert not any(right.endswith((".write", ".act")) for right in rights_of_role("analyst"))
    assert rights_of_role("nobody") == frozenset()
