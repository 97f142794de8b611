"""Residents who follow their passes by an account: the holders of the sample passes who act for themselves."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cli.demo.city import City
from cli.demo.samples import NEIGHBOUR
from domain.account_links import LinkKind, make_code, redeem
from domain.accounts import ContactChannel, open_account
from domain.guardians import acts_alone
from store.database import Database


def address_of(sample_key: str) -> str:
    """Return the e-mail address of whoever holds a sample pass."""
    return f"{sample_key}@courriel.example"


async def open_accounts(database: Database, city: City, *, now: datetime) -> int:
    """Open an account for each of them, tied by a code as a desk gives it; return how many."""
    today, opened = now.astimezone(ZoneInfo(city.authority.zone)).date(), 0
    async with database.begin() as unit:
        for sample in city.samples:
            if sample.key == NEIGHBOUR.key:
                continue
            pass_ = await unit.passes.by_number(city.authority.id, sample.number)
            holder = await unit.people.holder_by_id(city.authority.id, pass_.holder_id)
            if not acts_alone(holder, today, await unit.people.guardians_of(holder.id, today)):
                continue
            if await unit.accounts.own_link(holder.id) is not None:
                continue
            account = await open_account(
                unit,
                authority_id=city.authority.id,
                channel=ContactChannel.EMAIL,
                address=address_of(sample.key),
                language="fr",
                now=now,
            )
            code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=today)
            await redeem(unit, account, code, now=now, today=today)
            opened += 1
    return opened
