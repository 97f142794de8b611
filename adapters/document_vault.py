"""The vault: files of documents and photos of people on disk, each encrypted under a key of its own.

    file ──AES-256-GCM, bound to the document's id──> what lies on disk
    its key ──wrapped under the authority's key of documents, bound to the same id──> the row of document or photo

Neither the disk nor the database gives a file away, and a row without its key has none any more.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from adapters import wrapping
from adapters.antivirus import Antivirus, Finding
from adapters.document_cell import DocumentCell
from adapters.document_file import Readable
from adapters.keyring import KeyRing
from adapters.portrait_file import Frame
from domain.documents import Document, DocumentState, Safe
from domain.errors.requests import DocumentNotFound, DocumentWaits
from domain.file_flaws import Flaw, refusal
from domain.portrait_offers import PortraitOffer
from domain.portraits import Portrait, Sealed


class DocumentVault:
    """The vault of an installation. A file is written once and never changed."""

    def __init__(self, folder: Path, keyring: KeyRing, antivirus: Antivirus) -> None:
        self._folder = folder
        self._keyring = keyring
        self._antivirus = antivirus
        self._cell = DocumentCell()

    async def keep(self, authority: str, document_id: UUID, data: bytes) -> Safe:
        """Read a stranger's file apart and lock away what is left of it.

        Where the antivirus is away the file waits for it, and nobody sees it before.

        Raises:
            DocumentRefused: as `read_file`; or the antivirus knows what it is.
        """
        finding = await self._antivirus.scan(data)
        if finding is Finding.INFECTED:
            raise refusal(Flaw.INFECTED)
        readable = await self._cell.read(data)
        state = DocumentState.KEPT if finding is Finding.CLEAN else DocumentState.QUARANTINED
        return await asyncio.to_thread(self.lock, authority, document_id, readable, sha256(data).digest(), state)

    def lock(
        self,
        authority: str,
        document_id: UUID,
        readable: Readable,
        digest: bytes,
        state: DocumentState = DocumentState.KEPT,
    ) -> Safe:
        """Encrypt what was read and write it down."""
        return Safe(
            id=document_id,
            state=state,
            media_type=readable.media_type,
            size_bytes=len(readable.content),
            pages=readable.pages,
            digest=digest,
            wrapped_key=self._sealed(authority, document_id, readable.content),
        )

    async def keep_portrait(self, authority: str, file_id: UUID, data: bytes, frame: Frame) -> Sealed:
        """Make a photo of a stranger's picture and lock it away. Pixels alone come through, antivirus or none.

        Raises:
            DocumentRefused: as `portrait`; or the antivirus knows what it is.
        """
        if await self._antivirus.scan(data) is Finding.INFECTED:
            raise refusal(Flaw.INFECTED)
        photo = await self._cell.portray(data, frame)
        return Sealed(file_id, await asyncio.to_thread(self._sealed, authority, file_id, photo))

    async def portrait(self, authority: str, portrait: Portrait) -> bytes:
        """Return the photo of somebody, a JPEG.

        Raises:
            DocumentNotFound: its file is gone.
            KeyringAltered: file, key or row are not each other's.
        """
        return await asyncio.to_thread(self.portrait_now, authority, portrait)

    def portrait_now(self, authority: str, portrait: Portrait) -> bytes:
        """Return the photo of somebody, in a thread of one's own: as `portrait`."""
        return self._opened(authority, portrait.file_id, portrait.wrapped_key)

    async def offered(self, authority: str, offer: PortraitOffer) -> bytes:
        """Return a photo that waits for somebody to look at it, a JPEG.

        Raises:
            DocumentNotFound, KeyringAltered: as `portrait`.
        """
        return await asyncio.to_thread(self._opened, authority, offer.file_id, offer.wrapped_key)

    async def open(self, authority: str, document: Document) -> bytes:
        """Return a file as it may be shown.

        Raises:
            DocumentWaits: the antivirus has not answered yet.
            DocumentNotFound: the file was deleted.
            KeyringAltered: file, key or row are not each other's.
        """
        if document.state is DocumentState.QUARANTINED:
            raise DocumentWaits("The antivirus has not answered yet: wait before you open it.")
        return await asyncio.to_thread(self._unlocked, authority, document)

    async def page(self, authority: str, document: Document, number: int) -> bytes:
        """Return a page of a PDF as a picture (JPEG), drawn apart; pages count from 1.

        Raises:
            DocumentNotFound: it is no PDF, or has no such page.
            DocumentWaits, KeyringAltered: as `open`.
        """
        if document.media_type != "application/pdf" or not 1 <= number <= document.pages:
            raise DocumentNotFound("The document has no such page.")
        return await self._cell.draw(await self.open(authority, document), number)

    async def look_again(self, authority: str, document: Document) -> Finding:
        """Ask the antivirus about a file that waits for it."""
        return await self._antivirus.scan(await asyncio.to_thread(self._unlocked, authority, document))

    def remove(self, document_ids: Iterable[UUID]) -> None:
        """Take files off the disk, those that are gone already too."""
        for document_id in document_ids:
            self._path(document_id).unlink(missing_ok=True)

    def _unlocked(self, authority: str, document: Document) -> bytes:
        if document.state is DocumentState.FORGOTTEN:
            raise DocumentNotFound("The file was deleted: what was found in it stays.")
        return self._opened(authority, document.id, document.wrapped_key)

    def _sealed(self, authority: str, file_id: UUID, content: bytes) -> bytes:
        """Write a file, encrypted; return its key, wrapped."""
        name = str(file_id).encode()
        key = wrapping.new_key()
        path = self._path(file_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(wrapping.wrap(key, content, name=name))
        Path(file.name).replace(path)
        return wrapping.wrap(self._keyring.documents_key(authority), key, name=name)

    def _opened(self, authority: str, file_id: UUID, wrapped_key: bytes) -> bytes:
        name = str(file_id).encode()
        key = wrapping.unwrap(self._keyring.documents_key(authority), wrapped_key, name=name)
        try:
            return wrapping.unwrap(key, self._path(file_id).read_bytes(), name=name)
        except FileNotFoundError:
            raise DocumentNotFound("The file is not in the vault.") from None

    def _path(self, document_id: UUID) -> Path:
        name = document_id.hex
        return self._folder / name[-2:] / f"{name}.sealed"
