"""Classes in order, scales of answers, decisions that can be asked why."""

from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import gap, verdict
from overdeliver.vocabulary.levels import Levels
from overdeliver.vocabulary.scales import (
    USUAL,
    KanoAnswer,
    KanoPair,
    Scale,
    nps_group,
    scale_of,
)

CABIN = Levels(("Economy", "Premium", "Business"))


class TestLevels:
    def test_economy_booked_business_delivered_is_exceeded(self) -> None:
        steps = CABIN.steps(booked="economy ", delivered="BUSINESS")
        assert steps == gap(CABIN.rank("economy"), CABIN.rank("business"), "service") == 2
        assert verdict(steps) == "exceeded"
        assert verdict(CABIN.steps(booked="business", delivered="premium")) == "broken"

    @given(st.sampled_from(CABIN.names), st.sampled_from(CABIN.names))
    def test_up_and_down_are_opposite(self, one: str, other: str) -> None:
        there = CABIN.steps(booked=one, delivered=other)
        assert CABIN.steps(booked=other, delivered=one) == -there

    def test_what_is_no_order_of_classes(self) -> None:
        with pytest.raises(InputError, match="'first' is none of Economy, Premium, Business"):
            CABIN.rank("first")
        with pytest.raises(InputError, match="'economy' stands twice"):
            Levels(("economy", "ECONOMY"))
        for names in ((), ("a", " ")):
            with pytest.raises(InputError, match="one name or more"):
                Levels(names)
        assert 3 not in CABIN


class TestScales:
    def test_the_groups_of_recommendation(self) -> None:
        groups = [nps_group(score) for score in range(11)]
        assert groups == ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2
        for outside in (-1, 11, float("nan")):
            with pytest.raises(InputError, match="not on the scale 0 to 10"):
                nps_group(outside)

    @given(st.sampled_from(USUAL), st.data())
    def test_a_share_rises_with_the_score(self, scale: Scale, data: st.DataObject) -> None:
        scores = st.floats(scale.low, scale.high)
        low, high = sorted((data.draw(scores), data.draw(scores)))
        assert 0 <= scale.share(low) <= scale.share(high) <= 1
        assert scale.satisfied(high) or not scale.satisfied(low)
        assert scale_of(scale.low, scale.high) is not None

    def test_the_two_best_answers_are_satisfied(self) -> None:
        assert [s for s in range(1, 8) if Scale(1, 7).satisfied(s)] == [6, 7]
        assert [s for s in (0, 1) if Scale(0, 1).satisfied(s)] == [0, 1]

    def test_the_scale_of_the_scores_seen(self) -> None:
        assert scale_of(1, 4) == Scale(1, 5)
        assert scale_of(0, 7.5) == Scale(0, 10)
        assert scale_of(0, 101) is None
        with pytest.raises(InputError, match="the end must be above"):
            Scale(5, 1)

    def test_kano_answers_from_either_end(self) -> None:
        for number in range(1, 6):
            same = KanoPair.read(6 - number, number, likes_first=False)
            assert same == KanoPair.read(number, 6 - number)
        wanted = KanoPair(KanoAnswer.LIKE, KanoAnswer.DISLIKE)
        assert KanoPair.read(1, 5) == wanted
        for wrong in (0, 6):
            with pytest.raises(InputError, match="from 1 to 5"):
                KanoPair.read(wrong, 3)


@dataclass(frozen=True, kw_only=True)
class Bonus(Decision):
    """A decision as a rule would answer it."""

    minutes: int


class TestDecisions:
    def test_it_says_why_and_does_not_change(self) -> None:
        made = Bonus(verdict="give", because=("third order", "no bonus yet"), policy=2, minutes=30)
        assert made.why() == "give: third order; no bonus yet (policy 2)"
        assert made == Bonus(**vars(made))
        with pytest.raises(FrozenInstanceError):
            made.verdict = "refuse"  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("given_", "said"),
        [
            ({"verdict": " "}, "no verdict"),
            ({"because": ()}, "no reason"),
            ({"because": ("late", "")}, "no reason"),
            ({"policy": 0}, "numbered from 1"),
        ],
    )
    def test_a_decision_without_a_reason_is_none(self, given_: dict, said: str) -> None:
        sound = {"verdict": "give", "because": ("late",), "policy": 1}
        with pytest.raises(InputError, match=said):
            Decision(**{**sound, **given_})
