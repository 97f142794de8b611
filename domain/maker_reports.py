"""What a card maker says: which chips it has put aside for a batch, and what became of each card.

All of a file is taken, or nothing; whatever is wrong is said line by line.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from domain.card_batches import BatchCard, CardBatch
from domain.errors.cards import Flaw


class ReportedCard(Struct, frozen=True):
    """What a maker says of one card."""

    sequence: int
    number: str
    uid_digest: bytes
    produced: bool
    key_version: int


class Report(Struct, frozen=True):
    """What a maker says of a batch: for which order, and card by card. Card n stands in line n + 1 of its file."""

    batch: str
    order_digest: bytes
    cards: Sequence[ReportedCard]


def check_chips(batch: CardBatch, uid_digests: Sequence[bytes], known: set[bytes]) -> list[Flaw]:
    """Say what is wrong with a list of chips, of which `known` are cards already. Chip n stands in line n."""
    flaws = []
    if len(uid_digests) != batch.size:
        flaws.append(Flaw(0, f"{len(uid_digests)} chips for {batch.size} cards."))
    seen: set[bytes] = set()
    for line, digest in enumerate(uid_digests, start=1):
        if digest in seen:
            flaws.append(Flaw(line, "this chip stands in the list twice."))
        elif digest in known:
            flaws.append(Flaw(line, "this chip is a card already, of this or another batch."))
        seen.add(digest)
    return flaws


def check_report(batch: CardBatch, cards: Sequence[BatchCard], report: Report) -> list[Flaw]:
    """Say what is wrong with a report on a batch that consists of these cards, in their order."""
    if report.batch != batch.code:
        return [Flaw(1, f"the report is on batch {report.batch}, not on {batch.code}.")]
    if report.order_digest != batch.file_digest:
        return [Flaw(1, "the report answers another order file: its SHA-256 is not that of the order sent.")]
    flaws = []
    if len(report.cards) != batch.size:
        flaws.append(Flaw(0, f"{len(report.cards)} cards are reported, {batch.size} were ordered."))
    ordered = {card.sequence: card for card in cards}
    return [*flaws, *_flaws_of_cards(batch, ordered, report.cards)]


def _flaws_of_cards(batch: CardBatch, ordered: dict[int, BatchCard], told: Sequence[ReportedCard]) -> Iterator[Flaw]:
    sequences = Counter(one.sequence for one in told)
    numbers = Counter(one.number for one in told)
    chips = Counter(one.uid_digest for one in told)
    for line, one in enumerate(told, start=2):
        card = ordered.get(one.sequence)
        if sequences[one.sequence] > 1 or numbers[one.number] > 1:
            yield Flaw(line, f"card {one.sequence}: its sequence or number stands in the report more than once.")
        elif chips[one.uid_digest] > 1:
            yield Flaw(line, f"card {one.sequence}: its chip stands in the report more than once.")
        elif card is None or card.number != one.number:
            yield Flaw(line, f"card {one.sequence}: no card of the order has this sequence and this number.")
        elif card.uid_digest != one.uid_digest:
            yield Flaw(line, f"card {one.sequence}: the order gave this number to another chip.")
        elif one.key_version != batch.key_version:
            yield Flaw(line, f"card {one.sequence}: keys of version {one.key_version}, not {batch.key_version}.")
