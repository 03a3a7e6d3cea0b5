"""Django's SQLite with a queue for whoever wants to write."""
