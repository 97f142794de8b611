"""CBOR (RFC 8949), the narrow part of it that credentials use: read from strangers, written deterministically."""

import io
from collections.abc import Callable
from typing import TypeGuard

import cbor2

from nfc.errors import CodeError

MAX_DEPTH = 4

_Decoder = Callable[[object, bool], object]


def dump(value: object) -> bytes:
    """Core deterministic encoding (RFC 8949 section 4.2.1) of integers, byte and text strings, lists and maps."""
    return cbor2.dumps(value, canonical=True)


def load(data: bytes) -> object:
    """One data item and nothing after it, in any encoding of definite length: canonical is not required.

    Nesting is bounded to `MAX_DEPTH` containers. Tags are refused, all of them: the decoder's own would turn a
    stranger's bytes into dates, regular expressions and cyclic lists. The caller checks each type it expects.

    Raises:
        CodeError: "unreadable".

    """
    source = io.BytesIO(data)
    decoder = cbor2.CBORDecoder(
        source,
        max_depth=MAX_DEPTH - 1,  # cbor2 counts from the outermost container's content
        allow_indefinite=False,
        allow_duplicate_keys=False,
        semantic_decoders=_EVERY_TAG,
    )
    try:
        item: object = decoder.decode()
    except (cbor2.CBORDecodeError, TypeError, ValueError, RecursionError) as error:
        raise CodeError("unreadable", "CBOR") from error
    if source.read(1):
        raise CodeError("unreadable", "CBOR: bytes after the item")
    return item


def has_labels(item: object, labels: frozenset[int]) -> TypeGuard[dict[int, object]]:
    """Whether this is a map of exactly these labels: `true` and 1.0, which equal 1, are no labels."""
    return isinstance(item, dict) and item.keys() == labels and all(type(label) is int for label in item)


def _refuse(_value: object, _immutable: bool) -> object:  # noqa: FBT001 -- cbor2's callback shape
    raise ValueError("tag")


class _EveryTag(dict[int, _Decoder]):
    """Answers `_refuse` for whatever tag the decoder looks up, its built-in ones included."""

    def __contains__(self, tag: object) -> bool:
        return True

    def __getitem__(self, tag: int) -> _Decoder:
        return _refuse

    def get(self, tag: int, default: object = None) -> _Decoder:  # noqa: ARG002
        return _refuse


_EVERY_TAG = _EveryTag()
