"""The public files as one archive, made while it is being sent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator


class _Sink:
    """Takes what the archive writes until it is sent on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def stream(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The archive of files, piece by piece; the same files give the same bytes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as box:  # type: ignore[call-overload]
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            # Hashes do not get smaller; their digits do.
            digits = name.startswith("entries/")
            entry.compress_type = zipfile.ZIP_DEFLATED if digits else zipfile.ZIP_STORED
            box.writestr(entry, content, compresslevel=1)
            yield sink.take()
    yield sink.take()
