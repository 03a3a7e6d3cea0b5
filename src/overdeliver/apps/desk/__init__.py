"""What needs a person today, and the money page."""
