"""The rules of the chapter: plans, arms, what may go."""
