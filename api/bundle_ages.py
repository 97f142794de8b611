"""How old the bundle was by which a terminal decided: what its site does not take as good as new is told as stale."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from api.bundles import RENEW
from api.sessions import soon
from domain.access.catalogue import Catalogue
from domain.services import BY_CODE
from store import bundles
from store.attendance import catalogue_version
from store.catalogue import read
from store.database import Database
from store.terminal_tokens import TerminalSession


class BundleAges(Struct, frozen=True):
    """The bundles of one authority that are kept, by service and sequence, beside the policies of its sites."""

    issued: Mapping[tuple[str, int], datetime]
    catalogue: Catalogue

    def stale(self, gate_id: UUID, sequence: int | None, at: datetime) -> bool:
        """Tell whether a bundle was no longer fresh at a gate at that moment; none at all is not.

        A terminal counts from when the server last stood by it, which nobody notes: a quarter of an hour after its
        issue at the latest, for then a new one is made.

        One that is kept no longer tells its age by its sequence, which is no smaller than the second of its issue
        (`api.bundles`): a sequence that no server gives makes a bundle of 1970.
        """
        doorway = self.catalogue.doorways.get(gate_id)
        if sequence is None or doorway is None:
            return sequence is None
        site = doorway.site
        issued = self.issued.get((site.service_code, sequence))
        if issued is None:
            issued = datetime.fromtimestamp(min(sequence, _LAST_SECOND), UTC)
        policy = site.offline or BY_CODE[site.service_code].offline
        return at - issued > timedelta(minutes=policy.fresh_minutes) + RENEW


_LAST_SECOND = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


class Ages:
    """Looks bundles up, once for each upload. The reference data is remembered until its version moves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._catalogue: Catalogue | None = None

    async def of(self, session: TerminalSession) -> BundleAges:
        """Read when the bundles of a terminal's authority were issued.

        Raises:
            LedgerUnavailable: the database is away, or frozen.
        """
        async with soon(self._database) as connection:
            version = await catalogue_version(connection)
            known = self._catalogue
            if known is None or known.version != version:
                known = self._catalogue = await connection.run_sync(read)
            return BundleAges(await bundles.issued_at(connection, session.authority_id), known)
