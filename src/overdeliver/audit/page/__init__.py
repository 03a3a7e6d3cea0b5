"""The audit's report as one self-contained page."""
