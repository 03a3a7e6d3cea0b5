"""Decisions about messages: pure, every one of them."""
