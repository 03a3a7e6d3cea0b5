"""Files read into ledger tables, in a process of their own: knows the library, never Django."""
