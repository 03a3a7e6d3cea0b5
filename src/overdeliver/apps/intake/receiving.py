"""Calls that came in, processed after they were answered."""


def process_received(limit: int = 100) -> int:
    """Process what is due; returns how many."""
    return 0
