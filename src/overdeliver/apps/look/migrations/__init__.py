"""The chapter's tables, step by step."""
