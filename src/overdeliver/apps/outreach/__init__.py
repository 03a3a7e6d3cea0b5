"""Messages out: templates, channels, the outbox."""
