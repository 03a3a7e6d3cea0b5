"""Migrations of the chapter."""
