"""What the city offers, as agents change it: contents, their differences, edits, and modifications on their way."""
