"""Promises, kept and exceeded: what was promised, what happened, what to promise next."""

__version__ = "0.1.0"
