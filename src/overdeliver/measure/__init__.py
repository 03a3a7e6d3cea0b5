"""Many rows in, a number out, each with its interval."""
