"""Businesses with known truth, for tests, the demo, benchmarks and planning."""
