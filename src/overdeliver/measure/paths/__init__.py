"""Paths: what follows what in the journey, how long it takes, and which ways customers go."""
