"""Forms of the console: they are read as on every page (`web/forms.py`)."""

from web.forms import Form, read

__all__ = ["Form", "read"]
