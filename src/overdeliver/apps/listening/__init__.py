"""What customers said."""
