"""The tour of the connected city: what its devices measure, in words that people trust. It never sees a citizen."""
