"""What this chapter's templates may use."""
