"""A mail server of one's own for stories: what it took can be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.processes import free_port


@dataclass
class Mails:
    """What a mail server has taken."""

    url: str = ""
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take every mail."""
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def holds(self, words: str) -> bool:
        """Whether the text of any mail holds these words."""
        bodies = [mail.get_body(("plain",)) for mail in list(self.taken)]
        return any(words in str(body.get_content()) for body in bodies if body)


@contextmanager
def mail_server() -> Iterator[Mails]:
    """A server that takes mail while the block runs."""
    found, port = Mails(), free_port()
    found.url = f"smtp://127.0.0.1:{port}"
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield found
    finally:
        server.stop()
