"""Data coming in: files, webhooks."""
