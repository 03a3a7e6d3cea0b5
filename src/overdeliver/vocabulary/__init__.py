"""Words every part shares. Standard library only."""
