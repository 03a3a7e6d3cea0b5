"""The rules of promising: pure, each answers with its reasons."""
