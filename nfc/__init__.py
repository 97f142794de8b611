"""Credential technology: bytes to values and back. Pure: no clock, no database, no network."""
