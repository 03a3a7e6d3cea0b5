"""How each channel treats a message: how often it is tried, what a crash in the middle means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from overdeliver.vocabulary.errors import InputError

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class Channel:
    """A way to reach somebody.

    ``again_after_crash``: when the worker dies between taking a message and writing down what came
    of it, the message goes out again (the receiver can tell a double by its fixed id). Otherwise it
    may have gone out and must not go twice: a person looks. ``waits``: seconds before each further
    try; their number is the number of tries. ``lease_seconds``: longer than any one try lasts.
    ``rest_seconds``: how long the way out rests after a first failure, twice as long after each
    further one.
    """

    again_after_crash: bool
    waits: tuple[int, ...]
    lease_seconds: int
    rest_seconds: int = 5
    by_itself: bool = True  # sent by the server; otherwise a person does it

    @property
    def tries(self) -> int:
        """How often it is tried before a person has to look."""
        return len(self.waits) + 1


CHANNELS: Mapping[str, Channel] = {
    # Ten seconds: all mail waits for one server, which is not to be stormed when it is down.
    "mail": Channel(True, (_MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 6 * _HOUR), 180, 10),
    # Standard Webhooks: ten tries over 75 h 35 min 5 s
    "webhook": Channel(
        True,
        (
            5,
            5 * _MINUTE,
            30 * _MINUTE,
            2 * _HOUR,
            5 * _HOUR,
            10 * _HOUR,
            14 * _HOUR,
            20 * _HOUR,
            24 * _HOUR,
        ),
        60,
    ),
    "letter": Channel(False, (), 300, by_itself=False),
    "call": Channel(False, (), 300, by_itself=False),
    "gift": Channel(False, (), 300, by_itself=False),
}
JITTER = 0.2
#: Nobody is asked to wait longer than this, whatever he says.
LONGEST_WAIT = 24 * _HOUR
#: A way out that fails rests so long before it is tried again, at most.
LONGEST_PAUSE = _HOUR
#: An endpoint that has failed for so long is switched off.
GIVE_UP_AFTER = timedelta(days=5)


def channel(name: str) -> Channel:
    """A channel by its name. InputError: there is none.

    >>> channel("mail").tries, channel("webhook").tries, channel("letter").tries
    (6, 10, 1)
    """
    if name not in CHANNELS:
        raise InputError(f"channel {name!r}: use one of {', '.join(CHANNELS)}")
    return CHANNELS[name]


def wait_after(name: str, attempts: int, chance: float, asked: float = 0.0) -> timedelta | None:
    """How long after so many tries the next one comes; None: it was the last.

    ``chance`` in [0, 1) spreads it by a fifth to both sides, so that what failed together does not
    come back together. ``asked``: the seconds the other side wants to be left alone; heard, up to
    a day.

    >>> wait_after("webhook", 2, 0.5), wait_after("mail", 6, 0.5)
    (datetime.timedelta(seconds=300), None)
    >>> wait_after("webhook", 1, 0.5, asked=600), wait_after("webhook", 1, 0.5, asked=1e9)
    (datetime.timedelta(seconds=600), datetime.timedelta(days=1))
    """
    waits = channel(name).waits
    if attempts > len(waits):
        return None
    spread = waits[max(attempts, 1) - 1] * (1 + JITTER * (2 * chance - 1))
    return timedelta(seconds=max(spread, min(max(asked, 0.0), LONGEST_WAIT)))


def pause_after(name: str, failures: int, asked: float = 0.0) -> timedelta:
    """How long a way out of a channel rests after so many failures, one after the other.

    >>> [pause_after("webhook", n).seconds for n in (1, 2, 4, 20)], pause_after("mail", 1).seconds
    ([5, 10, 40, 3600], 10)
    """
    first = channel(name).rest_seconds
    own = min(first * 2 ** min(max(failures, 1) - 1, 20), LONGEST_PAUSE)
    return timedelta(seconds=max(float(own), min(max(asked, 0.0), LONGEST_WAIT)))
