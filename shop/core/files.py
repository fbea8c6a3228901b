"""What an uploaded paper really is, told by its content and never by its name."""

from __future__ import annotations

import io
import zipfile

#: Largest file of a paper in bytes: 2 MB.
LIMIT = 2 * 1024 * 1024

PDF, OFD = "application/pdf", "application/ofd"
PNG, JPEG = "image/png", "image/jpeg"

ENDINGS = {PDF: "pdf", OFD: "ofd", PNG: "png", JPEG: "jpg"}


def media_type_of(content: bytes) -> str | None:
    """The media type of a file, or None when it is no PDF, OFD, PNG or JPEG.

    An OFD (版式文件, GB/T 33190) is a ZIP archive with ``OFD.xml`` at its root.
    """
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04") and _is_ofd(content):
        return OFD
    return None


def _is_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "OFD.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
