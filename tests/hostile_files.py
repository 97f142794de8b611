"""Files that try something, made here: nothing of them was ever sent by anybody."""

import io
import struct
import zlib

from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from domain.file_flaws import Flaw


def photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A picture that says who took it and where."""
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Maker of Cameras"
    exif.get_ifd(0x8825)[1] = "N"
    maker = b"Maker of Cameras"
    Image.new(mode, size, "red").save(written, kind, exif=exif, comment=maker, icc_profile=maker, xmp=maker)
    return written.getvalue()


def letter(pages: int = 1) -> bytes:
    """An honest PDF."""
    document = FPDF()
    document.set_font("helvetica", size=12)
    for number in range(pages):
        document.add_page()
        document.text(20, 20, f"Facture {number + 1}")
    return bytes(document.output())


def _written(writer: PdfWriter) -> bytes:
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _copy() -> PdfWriter:
    return PdfWriter(clone_from=PdfReader(io.BytesIO(letter())))


def with_script() -> bytes:
    """A script that runs when it is opened."""
    writer = _copy()
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.root_object[NameObject("/OpenAction")] = script
    return _written(writer)


def with_hidden_script() -> bytes:
    """A script among objects that nothing leads to, packed away in a stream: no byte of its name stands openly."""
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    header = b"9 0 "
    packed = zlib.compress(header + action)
    stream = (
        b"8 0 obj\n<< /Type /ObjStm /N 1 /First %d /Filter /FlateDecode /Length %d >>\nstream\n"
        % (len(header), len(packed))
        + packed
        + b"\nendstream\nendobj\n"
    )
    parts = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n",
        stream,
    ]
    file, places = b"%PDF-1.5\n", {}
    for number, part in zip((1, 2, 3, 8), parts, strict=True):
        places[number] = len(file)
        file += part
    start = len(file)
    rows = b"".join(
        struct.pack("!BIH", 2, 8, 0) if number == 9 else struct.pack("!BIH", number in places, places.get(number, 0), 0)
        for number in range(10)
    )
    rows += struct.pack("!BIH", 1, start, 0)
    return (
        file
        + b"10 0 obj\n<< /Type /XRef /Size 11 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n" % len(rows)
        + rows
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    )


def with_launch() -> bytes:
    """A link that starts a program, its name spelled with an escape."""
    return letter().replace(b"/MediaBox", b"/#4caunch (calc.exe) /MediaBox", 1)


def with_launch_action() -> bytes:
    """A page that starts a program when it is shown."""
    writer = _copy()
    start = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")})
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): start})
    return _written(writer)


def with_file_inside() -> bytes:
    """A PDF that carries a program."""
    writer = _copy()
    writer.add_attachment("facture.exe", b"MZ")
    return _written(writer)


def with_form_that_sends() -> bytes:
    """A form that sends what is typed into it."""
    writer = _copy()
    send = DictionaryObject({NameObject("/S"): NameObject("/SubmitForm")})
    field = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/A"): send})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([field])
    return _written(writer)


def locked() -> bytes:
    """A PDF under a password."""
    writer = _copy()
    writer.encrypt("secret", algorithm="AES-256")
    return _written(writer)


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + name + data + struct.pack("!L", zlib.crc32(name + data))

    header = struct.pack("!LLBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


SCRIPTED_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>alert(1)</script>"

HOSTILE: dict[str, tuple[bytes, Flaw]] = {
    "nothing at all": (b"", Flaw.NOT_TAKEN),
    "svg with a script": (SCRIPTED_SVG, Flaw.NOT_TAKEN),
    "page called a photo": (PAGE, Flaw.NOT_TAKEN),
    "archive": (b"PK\x03\x04" + bytes(60), Flaw.NOT_TAKEN),
    "program": (b"MZ" + bytes(200), Flaw.NOT_TAKEN),
    "gif": (b"GIF89a" + bytes(40), Flaw.NOT_TAKEN),
    "tiff": (b"II*\x00" + bytes(40), Flaw.NOT_TAKEN),
    "photo cut short": (photo()[:-200], Flaw.BROKEN),
    "png that unpacks to gigabytes": (bomb(), Flaw.TOO_MANY_PIXELS),
    "pdf cut short": (letter()[:-200], Flaw.BROKEN),
    "pdf that is only a header": (b"%PDF-1.7\n%%EOF", Flaw.BROKEN),
    "pdf of noise": (b"%PDF-1.7\n" + bytes(range(256)) * 8 + b"\n%%EOF", Flaw.BROKEN),
    "pdf with an archive behind it": (letter() + b"PK\x03\x04" + bytes(4_000), Flaw.BROKEN),
    "pdf with too many pages": (letter(31), Flaw.TOO_MANY_PAGES),
    "pdf with a script": (with_script(), Flaw.ACTIVE),
    "pdf with a hidden script": (with_hidden_script(), Flaw.ACTIVE),
    "pdf that launches": (with_launch(), Flaw.ACTIVE),
    "pdf with a launch action": (with_launch_action(), Flaw.ACTIVE),
    "pdf with a file inside": (with_file_inside(), Flaw.ACTIVE),
    "pdf with a form that sends": (with_form_that_sends(), Flaw.ACTIVE),
    "locked pdf": (locked(), Flaw.LOCKED),
    "too large": (bytes(10 * 2**20 + 1), Flaw.TOO_LARGE),
}
