"""How a command ends when it cannot do what it was asked."""

from typing import ClassVar

import click


class Stop(click.ClickException):
    """One line for the person at the keyboard, and status 2."""

    exit_code: ClassVar[int] = 2
