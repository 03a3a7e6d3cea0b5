"""What happened and why: events, their delivery, decisions."""
