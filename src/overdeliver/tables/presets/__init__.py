"""Known shapes of data: one module each, from its files to a draft."""
