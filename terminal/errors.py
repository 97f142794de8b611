"""What a terminal says when it cannot do what it was asked.

TerminalError
├── NoAnswer       nobody decided in time: go by the offline rules
├── Revoked        the server takes this terminal for none of its own: decide nothing, keep everything
├── Unsupported    the server does not know the route: it is older than this terminal
└── NotRecorded    the state file took nothing: nobody passes on what would be forgotten
"""


class TerminalError(Exception):
    """The message is a sentence for the person in front of the terminal: what happened, then what to do."""


class NoAnswer(TerminalError):
    """The server was out of reach, too slow, too busy, or without its database."""


class Revoked(TerminalError):
    """The server no longer knows this terminal."""


class Unsupported(TerminalError):
    """The server has nothing at this address."""


class NotRecorded(TerminalError):
    """The state file cannot be written: its disk is full, or broken."""
