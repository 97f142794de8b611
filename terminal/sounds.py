"""What a verdict sounds like, as `docs/terminal-integration.md` says: high opens, low does not.

Sounds are made, not recorded. They are played by whatever program of the system plays a WAV file; where there is none
the terminal's own bell rings, once or twice.
"""

import io
import math
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Final

from msgspec import Struct

from domain.access.reasons import Outcome

RATE: Final = 22_050
"""Samples a second, 16 bits each, one channel."""

_PLAYERS = (("paplay",), ("pw-play",), ("aplay", "-q"), ("afplay",))
_HIGH, _MIDDLE, _LOW = 1_320, 880, 330
_SHORT, _LONG, _GAP = 0.12, 0.6, 0.09
_FADE_SECONDS = 0.01
_LOUDNESS = 0.6


class Sound(Struct, frozen=True):
    """So many tones of a pitch in hertz, each of so many seconds."""

    pitch: int
    seconds: float
    times: int


SOUNDS: Final = {
    Outcome.GRANTED: Sound(_HIGH, _SHORT, 1),
    Outcome.GRANTED_WITH_WARNING: Sound(_HIGH, _SHORT, 2),
    Outcome.MANUAL_CHECK: Sound(_LOW, _SHORT, 2),
    Outcome.PAYMENT_REQUIRED: Sound(_MIDDLE, _LONG, 1),
    Outcome.DENIED: Sound(_LOW, _LONG, 1),
}


def wav(sound: Sound) -> bytes:
    """The sound as a WAV file."""
    tone = b"".join(struct.pack("<h", _sample(sound, place)) for place in range(round(RATE * sound.seconds)))
    pause = bytes(2 * round(RATE * _GAP))
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pause.join([tone] * sound.times))
    return data.getvalue()


class Speaker:
    """Plays the sound of an outcome while the screen shows it."""

    def __init__(self) -> None:
        self._player = next((player for player in _PLAYERS if shutil.which(player[0])), None)
        self._folder = tempfile.TemporaryDirectory(prefix="multipass-sounds-")
        self._files: dict[Outcome, Path] = {}
        self._playing: subprocess.Popen[bytes] | None = None
        for outcome, sound in SOUNDS.items():
            self._files[outcome] = Path(self._folder.name, f"{outcome}.wav")
            self._files[outcome].write_bytes(wav(sound))

    def play(self, outcome: Outcome) -> None:
        """Begin to play; the one before is cut off."""
        if self._playing is not None and self._playing.poll() is None:
            self._playing.kill()
            self._playing.wait()
        if self._player is None:
            sys.stderr.write("\a" * SOUNDS[outcome].times)
            sys.stderr.flush()
            return
        program = shutil.which(self._player[0]) or self._player[0]
        self._playing = subprocess.Popen(  # noqa: S603 - a program of the list above, a file of ours
            [program, *self._player[1:], str(self._files[outcome])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """Let the last one end, and remove the files."""
        if self._playing is not None:
            try:
                self._playing.wait(2)
            except subprocess.TimeoutExpired:
                self._playing.kill()
                self._playing.wait()
        self._folder.cleanup()


def _sample(sound: Sound, place: int) -> int:
    at = place / RATE
    fade = min(1.0, at / _FADE_SECONDS, (sound.seconds - at) / _FADE_SECONDS)
    return round(32_767 * _LOUDNESS * fade * math.sin(2 * math.pi * sound.pitch * at))
