"""The unit of work: the domain's ports, on one connection inside one transaction."""

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports import Ids
from store.account_identities import SqlAccountIdentities
from store.account_sessions import SqlAccountSessions
from store.accounts import SqlAccounts
from store.agent_sessions import SqlAgentSessions
from store.agents import SqlAgents
from store.band_editions import SqlBandEditions
from store.batches import SqlBatches
from store.bills import SqlBills
from store.devices import SqlDevices
from store.documents import SqlDocuments
from store.erasures import SqlErasures
from store.expression import SqlExpression
from store.external_media import SqlExternalMedia
from store.figures.entered import SqlEntered
from store.floods import SqlFloods
from store.head_counts import SqlHeadCounts
from store.identities import SqlIdentities
from store.imports import SqlImports
from store.journal import SqlJournal
from store.modifications import SqlModifications
from store.notices import SqlNotices
from store.ordered_cards import SqlOrderedCards
from store.passes import SqlPasses
from store.passkeys import SqlPasskeys
from store.people import SqlPeople
from store.personal_tokens import SqlPersonalTokens
from store.places import SqlPlaces
from store.points import SqlPoints
from store.portraits import SqlPortraits
from store.products import SqlProducts
from store.replacements import SqlReplacements
from store.requests import SqlRequests
from store.resident_requests import SqlResidentRequests
from store.sales import SqlSales
from store.second_factors import SqlSecondFactors
from store.subscribers import SqlSubscribers
from store.tables.accounts import resident_passkey
from store.tables.agents import agent_passkey
from store.tasks import SqlTasks
from store.temporary_passes import SqlTemporaryPasses
from store.terminals import SqlTerminals
from store.webhooks import SqlWebhooks

Q = TypeVar("Q")


class _Asked(Generic[Q]):
    """Queries of one noun, made for a unit that asks them: most ask two or three nouns of forty."""

    def __init__(self, make: Callable[[AsyncConnection], Q]) -> None:
        self._make = make

    def __set_name__(self, _owner: type[object], name: str) -> None:
        self._name = name

    def __get__(self, unit: "SqlUnit", _owner: type[object]) -> Q:
        made = unit.__dict__[self._name] = self._make(unit.connection)  # from now on it is found there, and not here
        return made


class SqlUnit:
    """One transaction of `domain.ports.Unit`."""

    def __init__(self, connection: AsyncConnection, ids: Ids) -> None:
        self.connection = connection
        self.ids = ids

    people = _Asked(SqlPeople)
    places = _Asked(SqlPlaces)
    terminals = _Asked(SqlTerminals)
    passes = _Asked(SqlPasses)
    batches = _Asked(SqlBatches)
    ordered_cards = _Asked(SqlOrderedCards)
    external_media = _Asked(SqlExternalMedia)
    products = _Asked(SqlProducts)
    modifications = _Asked(SqlModifications)
    sales = _Asked(SqlSales)
    bills = _Asked(SqlBills)
    head_counts = _Asked(SqlHeadCounts)
    erasures = _Asked(SqlErasures)
    devices = _Asked(SqlDevices)
    floods = _Asked(SqlFloods)
    bands = _Asked(SqlBandEditions)
    expression = _Asked(SqlExpression)
    tasks = _Asked(SqlTasks)
    webhooks = _Asked(SqlWebhooks)
    notices = _Asked(SqlNotices)
    subscribers = _Asked(SqlSubscribers)
    points = _Asked(SqlPoints)
    replacements = _Asked(SqlReplacements)
    agents = _Asked(SqlAgents)
    accounts = _Asked(SqlAccounts)
    account_identities = _Asked(SqlAccountIdentities)
    account_sessions = _Asked(SqlAccountSessions)
    entered = _Asked(SqlEntered)
    requests = _Asked(SqlRequests)
    resident_requests = _Asked(SqlResidentRequests)
    temporary_passes = _Asked(SqlTemporaryPasses)
    documents = _Asked(SqlDocuments)
    portraits = _Asked(SqlPortraits)
    imports = _Asked(SqlImports)
    agent_sessions = _Asked(SqlAgentSessions)
    identities = _Asked(SqlIdentities)
    second_factors = _Asked(SqlSecondFactors)
    passkeys = _Asked(lambda connection: SqlPasskeys(connection, agent_passkey.c.agent_id))
    personal_tokens = _Asked(SqlPersonalTokens)
    account_passkeys = _Asked(lambda connection: SqlPasskeys(connection, resident_passkey.c.account_id))
    journal = _Asked(SqlJournal)
