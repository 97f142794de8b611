"""What the city decides. Standard library and msgspec only: no web, no database, no clock of its own."""
