"""Make it right: complaints, the loop each of them goes through, causes, changes, lessons."""
