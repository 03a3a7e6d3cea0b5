"""What can go wrong, in one tree.

OverdeliverError
├── InputError            the call or the data given is wrong (the command line exits 2)
│   ├── UnreadableFile    the file cannot be read as what it claims to be
│   ├── LimitExceeded     the input is larger than the limits allow
│   └── MissingField      a field the task needs was not recognised
├── NotEnoughData         there is too little history for an honest answer
├── NotFound              there is no such thing, or not for this person
├── NotAllowed            the person or the key has no right to this
├── Conflict              somebody else was faster, or the same name stands for something else
└── TooManyCalls          more often than allowed; later again
"""


class OverdeliverError(Exception):
    """Something overdeliver could not do; the text says what, where and what to do."""


class InputError(OverdeliverError):
    """The call or the data given is wrong."""


class UnreadableFile(InputError):
    """The file cannot be read as what it claims to be."""


class LimitExceeded(InputError):
    """The input is larger than the limits allow."""


class MissingField(InputError):
    """A field the task needs was not recognised."""


class NotEnoughData(OverdeliverError):
    """There is too little history for an honest answer."""


class NotFound(OverdeliverError):
    """There is no such thing, or not for this person."""


class NotAllowed(OverdeliverError):
    """The person or the key has no right to this."""


class Conflict(OverdeliverError):
    """Somebody else was faster, or the same name already stands for something else."""


class TooManyCalls(OverdeliverError):
    """More often than allowed; later again, after ``wait`` seconds."""

    def __init__(self, text: str = "", wait: float = 1.0) -> None:
        super().__init__(text)
        self.wait = wait
