"""What can go wrong on the way out."""

from overdeliver.vocabulary.errors import InputError, OverdeliverError


class AddressRefused(InputError):
    """The address is one that nothing is sent to: not https, or not of the public network."""


class NotReached(OverdeliverError):
    """The other side did not answer; ``code`` is short: timeout, tls, no_name, connection."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the other side was not reached ({code})")
        self.code = code
