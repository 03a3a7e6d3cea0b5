"""What to promise: quotes, learned models, publishing."""
