"""How every page looks and speaks: frame, tokens, words, numbers, who may see it."""
