"""The promise ledger: order, promise, outcome, verdict."""
