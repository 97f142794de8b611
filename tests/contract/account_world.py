"""Residents with accounts, on both engines."""

from datetime import date

from msgspec import Struct

from domain.account_links import LinkKind, make_code, redeem
from domain.accounts import Account, ContactChannel, open_account
from domain.passes import MediumKind, Pass, issue
from domain.people import Holder
from tests.city import NOW, TODAY
from tests.contract.register import Register


class Residents(Struct):
    """The register of the small city, seen by those who stand in it."""

    register: Register

    async def account(self, email: str, *, own: Holder | None = None) -> Account:
        """Open an account; it may be somebody's own."""
        account = await open_account(
            self.register.unit,
            authority_id=self.register.city.authority.id,
            channel=ContactChannel.EMAIL,
            address=email,
            language="fr",
            now=NOW,
        )
        if own is not None:
            await self.link(account, own)
        return account

    async def link(self, account: Account, holder: Holder, kind: LinkKind = LinkKind.OWN) -> None:
        """Tie somebody to an account by a code, as a desk and a resident would."""
        text, _ = await make_code(self.register.unit, holder, kind=kind, by=None, now=NOW, today=TODAY)
        await redeem(self.register.unit, account, text, now=NOW, today=TODAY)

    async def pass_of(self, holder: Holder) -> Pass:
        """Issue a pass."""
        issued = await issue(
            self.register.unit,
            holder,
            kind=MediumKind.CARD,
            valid_from=date(2026, 1, 1),
            valid_until=date(2031, 1, 1),
            expires_at=NOW.replace(year=2031),
            now=NOW,
        )
        return issued.pass_

    async def seen(self, account: Account, day: date = TODAY) -> list[tuple[str, str]]:
        """Whom an account acts for on a day, and why."""
        persons = await self.register.unit.accounts.persons(account.id, day)
        return [(one.reference, one.bond.value) for one in persons]
