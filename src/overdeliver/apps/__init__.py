"""One Django app per chapter of the customer's story; imports look down only."""
