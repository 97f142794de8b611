"""An installation in one file that anybody can read, and from it into an empty database (docs/reversibility.md)."""
