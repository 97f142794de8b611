"""Python set for a server that answers thousands of passages a second: its garbage collector, and turns of threads."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 20_000
"""New objects between two looks at them. By default 700: several looks in each batch, at what is all still needed."""

TURN_SECONDS = 0.0005
"""How long a thread that draws a page or a letter may keep gates waiting; by default ten times that."""


@contextmanager
def starting() -> Iterator[None]:
    """Look at nothing while a server is put together: all of it stays, and looking takes a seventh of the time.

    From then on turns of threads are short.
    """
    sys.setswitchinterval(TURN_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        tune()


def tune() -> None:
    """Keep what start-up has built out of every later look, and look at new objects less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    gc.enable()
