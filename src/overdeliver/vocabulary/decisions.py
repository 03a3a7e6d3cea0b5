"""What a rule answers: a verdict, why, and by which version of the policy."""

from dataclasses import dataclass

from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The base of every decision: it can be asked why, and it cannot be changed afterwards.

    ``because`` holds the reasons in the order they counted, in plain words; ``policy`` the version
    of the policy that was in force. A rule adds what it decided as fields of its own. InputError:
    no reason is given, a reason or the verdict is empty, or the version is below 1.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Refund(Decision):
    ...     percent: int
    >>> given = Refund(verdict="refund", because=("two days late",), policy=3, percent=20)
    >>> given.percent, given.why()
    (20, 'refund: two days late (policy 3)')
    """

    verdict: str
    because: tuple[str, ...]
    policy: int

    def __post_init__(self) -> None:
        if not self.verdict.strip():
            raise InputError("decision: it says no verdict")
        if not self.because or not all(reason.strip() for reason in self.because):
            raise InputError(f"decision {self.verdict!r}: it says no reason")
        if self.policy < 1:
            raise InputError(f"decision {self.verdict!r}: policies are numbered from 1")

    def why(self) -> str:
        """The decision in one line."""
        return f"{self.verdict}: {'; '.join(self.because)} (policy {self.policy})"
