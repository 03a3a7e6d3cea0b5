"""Reassure and thank: a short list of dated steps per moment, over mail, letter and phone."""
