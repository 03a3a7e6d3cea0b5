"""The ledger as columns: schemas, readers, checks and engines."""
