"""What a terminal says when it cannot do what it was asked."""


class TerminalError(Exception):
    """The message is a sentence for the person in front of the terminal: what happened, then what to do."""
