"""What is decided about one complaint: the loop, clocks, apologies, remedies, likeness, tone."""
