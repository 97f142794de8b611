"""Tables 2.1, 2.3 and 2.4 and section 2.6 of the domain study: what a medium costs that takes the place of another.

Each price list is written as in a catalogue file. First free: issuing a pass asks no list at all.
"""

from uuid import UUID

import pytest

from adapters.catalogue_file import BadCatalogueFile, fees_of, parse
from domain.errors.passes import WrongReplacementReason
from domain.passes import BlockReason, MediumKind, MediumStatus
from domain.replacements import ReplacementFee, ReplacementReason, fee_cents, reason_for

LOST, STOLEN, DAMAGED = MediumStatus.LOST, MediumStatus.STOLEN, MediumStatus.DAMAGED
REVOKED, EXPIRED = MediumStatus.REVOKED, MediumStatus.EXPIRED
REPORTED, DEFECT = ReplacementReason.THEFT_REPORTED, ReplacementReason.DEFECT
CARD = MediumKind.CARD


def asking(text: str) -> list[ReplacementFee]:
    written = parse(text).replacement_fees
    assert written is not None
    return fees_of(written, authority_id=UUID(int=1))


def for_a_card(euros: int) -> str:
    return f"[replacement_fees.card]\nloss = {euros}\ntheft = {euros}\ndamage = {euros}\n"


MULHOUSE, SETE = for_a_card(15), for_a_card(5)
ELSEWHERE = "[replacement_fees.card]\nloss = 7.50\nrenewal = 2\n"


@pytest.mark.parametrize(
    ("text", "kind", "status", "said", "cents"),
    [
        pytest.param(MULHOUSE, CARD, LOST, None, 1_500, id="2.1 Mulhouse: a replacement costs 15 euros"),
        pytest.param(MULHOUSE, CARD, DAMAGED, None, 1_500, id="2.1 Mulhouse: spoilt in a pocket"),
        pytest.param(SETE, CARD, LOST, None, 500, id="2.6 Sète: 5 euros at a media library's desk"),
        pytest.param(SETE, CARD, STOLEN, None, 500, id="2.6 Sète: stolen, as the holder says"),
        pytest.param(SETE, CARD, STOLEN, REPORTED, 0, id="2.6 waived for a theft that was reported"),
        pytest.param(SETE, CARD, LOST, REPORTED, 0, id="2.6 waived where 'lost' on the telephone was a reported theft"),
        pytest.param(MULHOUSE, CARD, DAMAGED, DEFECT, 0, id="2.6 waived for a defect"),
        pytest.param(for_a_card(1), CARD, LOST, None, 100, id="2.3 libraries: from 1 euro"),
        pytest.param(for_a_card(7), CARD, LOST, None, 700, id="2.3 libraries: to 7 euros"),
        pytest.param(for_a_card(10), CARD, LOST, None, 1_000, id="2.4 Aix-Marseille: a duplicate at 10 euros"),
        pytest.param(for_a_card(18), CARD, LOST, None, 1_800, id="2.4 Optile: a duplicate at 18 euros"),
        pytest.param(
            MULHOUSE, CARD, EXPIRED, None, 0, id="2.4 Rémi: a card whose 5 to 8 years are over is nobody's fault"
        ),
        pytest.param(ELSEWHERE, CARD, EXPIRED, None, 200, id="a list may ask something for a renewal"),
        pytest.param(ELSEWHERE, CARD, LOST, None, 750, id="cents are cents"),
        pytest.param(MULHOUSE, CARD, REVOKED, None, 0, id="withdrawn by the authority itself"),
        pytest.param(MULHOUSE, CARD, REVOKED, ReplacementReason.LOSS, 1_500, id="withdrawn, because it was lost"),
        pytest.param(SETE, MediumKind.PHONE, LOST, None, 0, id="0.3 another telephone costs nothing"),
        pytest.param(SETE, MediumKind.PRINT, LOST, None, 0, id="5.2 nor does a paper"),
        pytest.param("[replacement_fees]\n", CARD, LOST, None, 0, id="a list that asks for nothing"),
    ],
)
def test_the_reason_decides_what_is_due(
    text: str, kind: MediumKind, status: MediumStatus, said: ReplacementReason | None, cents: int
) -> None:
    assert fee_cents(asking(text), kind, reason_for(status, said)) == cents


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (LOST, DEFECT),
        (STOLEN, ReplacementReason.LOSS),
        (DAMAGED, REPORTED),
        (EXPIRED, DEFECT),
        (EXPIRED, ReplacementReason.WITHDRAWAL),
    ],
)
def test_a_reason_that_what_happened_does_not_leave_open_is_refused(
    status: MediumStatus, said: ReplacementReason
) -> None:
    """A lost card is no defect, or every fee could be talked away."""
    with pytest.raises(WrongReplacementReason, match=str(said)):
        reason_for(status, said)


def test_every_way_of_stopping_a_medium_for_good_has_its_reason() -> None:
    stopped = {MediumStatus(reason) for reason in BlockReason if reason is not BlockReason.SUSPENDED} | {EXPIRED}
    assert {status: reason_for(status) for status in stopped} == {
        LOST: ReplacementReason.LOSS,
        STOLEN: ReplacementReason.THEFT,
        DAMAGED: ReplacementReason.DAMAGE,
        REVOKED: ReplacementReason.WITHDRAWAL,
        EXPIRED: ReplacementReason.RENEWAL,
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[replacement_fees.badge]\nloss = 5\n", "$.replacement_fees"),
        ("[replacement_fees.card]\nforgotten = 5\n", "$.replacement_fees"),
        ("[replacement_fees.card]\nloss = 'five'\n", "$.replacement_fees"),
        ("[replacement_fees.card]\nloss = -5\n", "negative"),
        ("[replacement_fees.card]\nloss = 5.005\n", "decimals"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(text: str, place: str) -> None:
    with pytest.raises(BadCatalogueFile) as told:
        asking(text)
    assert place in str(told.value)
