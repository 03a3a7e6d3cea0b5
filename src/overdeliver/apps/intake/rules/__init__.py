"""What may happen to files and calls that come in."""
