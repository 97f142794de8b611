"""A new key in the place of a terminal's own, so that whoever has copied the old one holds nothing.

The new key is on the disk before the server hears of it. Where its answer is lost either may be the key: both are kept,
and whichever gets a token is it. A gate that runs beside finds the new one as soon as the old one is refused.
"""

from collections.abc import Callable

from msgspec.structs import replace

from nfc import keys
from terminal.client import TerminalClient
from terminal.disk import Disk
from terminal.errors import Revoked
from terminal.state import State


def rotate(disk: Disk, make_client: Callable[[State], TerminalClient]) -> None:
    """Change the key of the terminal in a state file. `make_client` makes a client with the key of a pairing alone.

    Raises:
        Revoked: neither key is this terminal's.
        TerminalError: no answer, or none that we understand. Do it again: nothing is lost.
    """
    known, pending = disk.pairing(), disk.pending_key()
    if pending is not None and _is_taken(replace(known, private_key=pending), make_client):
        disk.change_key(pending)
        return
    new = pending or keys.dump_pem(keys.generate()).decode()
    disk.keep_pending_key(new)
    try:
        with make_client(known) as client:
            client.change_key(new)
    except Revoked:
        # A first try may have been heard, and its answer lost: then the old key is refused because the new one counts.
        if not _is_taken(replace(known, private_key=new), make_client):
            raise
    disk.change_key(new)


def _is_taken(known: State, make_client: Callable[[State], TerminalClient]) -> bool:
    with make_client(known) as client:
        try:
            client.prove()
        except Revoked:
            return False
    return True
