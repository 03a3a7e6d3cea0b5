"""One file in, one honest report out: the figures, their JSON and their page."""
