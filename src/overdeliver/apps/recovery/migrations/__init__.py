"""The history of this chapter's tables."""
