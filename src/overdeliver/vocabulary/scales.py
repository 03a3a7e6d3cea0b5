"""Scales of answers: what a score means on its scale, and the groups people make of scores.

Sources: the Net Promoter groups of Reichheld (2003); top two boxes for satisfaction; the five
answers of Kano et al. (1984). What a pair of Kano answers comes to is policy (an evaluation
table), so it is not said here.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from overdeliver.vocabulary.errors import InputError

NpsGroup = Literal["detractor", "passive", "promoter"]


@dataclass(frozen=True)
class Scale:
    """From the worst answer to the best. InputError: the best is not above the worst.

    >>> stars = Scale(1, 5)
    >>> stars.share(4), 6 in stars
    (0.75, False)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(
                f"scale {self.low:g} to {self.high:g}: the end must be above the start"
            )

    def __contains__(self, score: object) -> bool:
        return isinstance(score, int | float) and self.low <= score <= self.high

    def share(self, score: float) -> float:
        """Where a score lies, 0 for the worst answer and 1 for the best. InputError: outside."""
        if score not in self:
            raise InputError(f"score {score:g} is not on the scale {self.low:g} to {self.high:g}")
        return (score - self.low) / (self.high - self.low)

    def satisfied(self, score: float) -> bool:
        """Whether a score is one of the two best answers of a scale of whole numbers.

        >>> [Scale(1, 5).satisfied(score) for score in (3, 4, 5)]
        [False, True, True]
        """
        return self.share(score) >= self.share(max(self.low, self.high - 1))


#: The scales that scores are usually given on, from the narrowest.
USUAL = tuple(Scale(*ends) for ends in ((1, 5), (0, 5), (1, 7), (1, 10), (0, 10), (0, 100)))
NPS = Scale(0, 10)


def scale_of(lowest: float, highest: float) -> Scale | None:
    """The first usual scale that holds the scores seen, None where there is none.

    >>> scale_of(2, 5), scale_of(0, 9), scale_of(-3, 3)
    (Scale(low=1, high=5), Scale(low=0, high=10), None)
    """
    return next((scale for scale in USUAL if lowest in scale and highest in scale), None)


def nps_group(score: float) -> NpsGroup:
    """The group of an answer from 0 to 10 to "would you recommend us?". InputError: outside.

    >>> nps_group(6), nps_group(8), nps_group(9)
    ('detractor', 'passive', 'promoter')
    """
    NPS.share(score)
    if score >= 9:
        return "promoter"
    return "passive" if score >= 7 else "detractor"


class KanoAnswer(IntEnum):
    """The five answers to "how would you feel if ...", from the best to the worst."""

    LIKE = 1
    EXPECT = 2
    NEUTRAL = 3
    LIVE_WITH = 4
    DISLIKE = 5


@dataclass(frozen=True)
class KanoPair:
    """How one person would feel with a feature, and without it.

    >>> KanoPair.read(5, 1, likes_first=False)
    KanoPair(present=<KanoAnswer.LIKE: 1>, absent=<KanoAnswer.DISLIKE: 5>)
    """

    present: KanoAnswer
    absent: KanoAnswer

    @classmethod
    def read(cls, present: int, absent: int, *, likes_first: bool = True) -> "KanoPair":
        """A pair from the numbers of a questionnaire that counts from 1 to 5.

        ``likes_first``: 1 stands for "I like it"; otherwise 5 does. InputError: not 1 to 5.
        """
        return cls(_answer(present, likes_first), _answer(absent, likes_first))


def _answer(number: int, likes_first: bool) -> KanoAnswer:
    try:
        return KanoAnswer(number if likes_first else 6 - number)
    except ValueError:
        raise InputError(f"Kano answer {number!r}: a number from 1 to 5 expected") from None
