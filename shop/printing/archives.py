"""Several files as one ZIP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence


def zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Files (name, content) as one ZIP, numbered in their order.

    Every entry carries ZIP's first day, so equal files give equal bytes.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for place, (name, content) in enumerate(files, start=1):
            entry = zipfile.ZipInfo(f"{place:02d}-{name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            box.writestr(entry, content)
    return out.getvalue()
