"""What this chapter does by itself: ask what is due."""

from overdeliver.apps.listening import asking


def ask_due() -> int:
    """Write due questions into the outbox; returns how many were looked at."""
    return asking.send_due()
