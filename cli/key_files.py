"""Private keys that people keep away from the installation: roots of authorities, keys of custodians."""

import os
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric import ec

from cli.screen import say
from cli.stop import Stop
from nfc import keys

SHORTEST_PASSWORD = 12


def make_key_file(out: Path, *, whose: str) -> None:
    """Make a key under a password that is asked for twice, with its public half beside it.

    Raises:
        Stop: a file is there already, or the password is short.
    """
    public = out.with_suffix(".pub.pem")
    if out.exists() or public.exists():
        raise Stop(f"{out} or {public.name} is there already: a key is not written over.")
    password = click.prompt(f"Password of {whose}", hide_input=True, confirmation_prompt=True)
    if len(password) < SHORTEST_PASSWORD:
        raise Stop(f"Use at least {SHORTEST_PASSWORD} characters.")
    key = keys.generate()
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(keys.dump_pem(key, password=password.encode()))
    public.write_bytes(keys.dump_public_pem(key.public))
    say(f"Private half in {out}: keep it offline. Public half in {public}.")
    say(f"Fingerprint: {keys.thumbprint(key.public).hex()[:16]}")


def open_key_file(path: Path) -> keys.SigningKey:
    """Ask for the password of a key file and open it.

    Raises:
        Stop: the file is none, lies open, or the password is wrong.
    """
    pem = read_file(path)
    if b"ENCRYPTED" not in pem:
        raise Stop(f"{path} lies open: whoever copies it is its owner. Make another under a password.")
    password = click.prompt(f"Password of {path.name}", hide_input=True)
    try:
        return keys.load_pem(pem, password=password.encode())
    except (ValueError, TypeError):
        raise Stop(f"{path} does not open: wrong password, or no P-256 key.") from None


def read_public_half(path: Path) -> ec.EllipticCurvePublicKey:
    """Read the public half of a key file.

    Raises:
        Stop: it is none.
    """
    try:
        return keys.load_public_pem(read_file(path))
    except ValueError:
        raise Stop(f"{path} is no public half of a P-256 key.") from None


def read_file(path: Path) -> bytes:
    """Read what somebody has brought.

    Raises:
        Stop: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Stop(f"{path} cannot be read: {problem.strerror}.") from None
