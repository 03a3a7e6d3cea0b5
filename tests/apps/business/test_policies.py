"""Policies: versions, races, what counts as a change."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from overdeliver.apps.business import actions, models, reads
from overdeliver.apps.business.rules import Policy
from overdeliver.apps.journal import reads as journal
from overdeliver.vocabulary.errors import Conflict

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Waiting(Policy):
    """A policy of these tests alone."""

    kind: ClassVar[str] = "waiting-test"
    days: int = 3
    among: tuple[str, ...] = ("a",)


def test_the_defaults_are_version_one_and_the_next_is_two() -> None:
    assert reads.policy(Waiting) == Waiting()
    assert (
        actions.set_policy(Waiting(days=5, among=("a", "b")), by="staff:7", note="slow week") == 2
    )
    assert reads.policy(Waiting) == Waiting(version=2, days=5, among=("a", "b"))
    row = models.Policy.objects.get()
    assert (row.by, row.note) == ("staff:7", "slow week")
    assert [e.name for e in journal.life("policy:waiting-test")] == ["business.policy_set"]


def test_unchanged_data_make_no_version() -> None:
    assert actions.set_policy(Waiting()) == 1
    actions.set_policy(Waiting(days=5))
    assert actions.set_policy(Waiting(days=5)) == 2
    assert models.Policy.objects.count() == 1
    assert actions.set_policy(Waiting(days=3)) == 3  # back to the defaults is a change


def test_whoever_looked_at_an_older_version_is_told() -> None:
    actions.set_policy(Waiting(days=5), expected=1)
    with pytest.raises(Conflict, match="version 2"):
        actions.set_policy(Waiting(days=6), expected=1)
    assert reads.policy(Waiting).days == 5


def test_the_database_refuses_a_version_twice_and_any_change() -> None:
    actions.set_policy(Waiting(days=5))
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Policy.objects.create(kind="waiting-test", version=2, data={}, by="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.Policy.objects.update(note="changed")
