"""The connected city of the demonstration: its devices, the sheets that explain them, and what they say."""
