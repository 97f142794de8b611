"""The public API of the connected city: for pages, screens and programs of anybody."""
