"""The public files of a log, as anybody can fetch and keep them; reading and checking them.

Needs no database: a folder, a zip archive, or a mapping is enough.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from products.proofs.notes import Key, Unreadable
from products.proofs.rules import Bad, Entry, Finding, Published, Vouched, vouched, walk
from products.proofs.tiles import HASH, WIDTH, number_path, tile_path
from shop.core.labels import N_

_SIZE = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_ENTRY = re.compile(r"(0|[1-9]\d{0,15}) ([0-9a-f]{64}) ([0-9a-f]{64})", re.ASCII)


class Files:
    """Where the files lie; missing ones are None."""

    def __init__(self, read: Mapping[str, bytes] | Path | zipfile.ZipFile) -> None:
        self._read = read

    @staticmethod
    def at(path: Path) -> Files:
        """The files of a folder or of a zip archive.

        Raises:
            zipfile.BadZipFile: it is neither.
        """
        return Files(path if path.is_dir() else zipfile.ZipFile(path))

    def get(self, name: str) -> bytes | None:
        """The content of a file."""
        if isinstance(self._read, Path):
            path = self._read / name
            return path.read_bytes() if path.is_file() else None
        try:
            return (
                self._read.read(name)
                if isinstance(self._read, zipfile.ZipFile)
                else (self._read[name])
            )
        except KeyError:
            return None

    def below(self, folder: str) -> list[str]:
        """The names of the files of a folder, without those of folders in it."""
        if isinstance(self._read, Path):
            names = [f"{folder}/{path.name}" for path in (self._read / folder).glob("*")]
        elif isinstance(self._read, zipfile.ZipFile):
            names = self._read.namelist()
        else:
            names = list(self._read)
        return [name for name in names if name.rpartition("/")[0] == folder and name[-1] != "/"]

    def word(self, name: str) -> str:
        """A file as text; empty where it is missing, and unreadable bytes stand for themselves."""
        return (self.get(name) or b"").decode(errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at a log found; nothing found is good."""

    size: int
    checkpoints: tuple[Vouched, ...]
    findings: tuple[Finding, ...]

    @property
    def roots(self) -> dict[int, bytes]:
        """Size → root of every checkpoint whose signature holds."""
        return {v.checkpoint.size: v.checkpoint.root for v in self.checkpoints}


def examine(
    files: Files, *, key: Key | None, cosigners: tuple[Key, ...] = (), kept: tuple[str, ...] = ()
) -> Report:
    """Check everything that can be checked with the public files alone.

    Args:
        key: the log's public key as one has it from elsewhere; None takes the log's own word.
        cosigners: further keys besides those the log names.
        kept: checkpoints one has kept oneself; the log must still hold them.
    """
    findings: list[Finding] = []
    try:
        key = key or Key.read(files.word("vkey"))
        known = (*cosigners, *(Key.read(line) for line in files.word("cosigners").splitlines()))
    except Unreadable:
        return Report(0, (), (Finding(N_("公钥文件被改动，读不出来。")),))
    found: list[Vouched] = []
    for what in (_published(files, key, known, findings), _kept(kept, key, known, findings)):
        found.extend(what)
    roots: dict[int, bytes] = {}
    for checkpoint in (each.checkpoint for each in found):
        if roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            findings.append(
                Finding(
                    N_("同样 %(size)s 条，却有两个不同的检查点：日志被人换过。"),
                    None,
                    {"size": checkpoint.size},
                )
            )
    size = claimed_size(files)
    try:
        size = walk(_entries(files, size), _tiles(files, size), roots)
    except Bad as bad:
        findings.append(bad.finding)
    return Report(size, tuple(found), tuple(findings))


def claimed_size(files: Files) -> int:
    """How many events the files are said to hold, by the names of the checkpoints."""
    names = (name.partition("/")[2] for name in files.below("checkpoints"))
    return max((int(name) for name in names if _SIZE.fullmatch(name)), default=0)


def _published(
    files: Files, key: Key, known: tuple[Key, ...], findings: list[Finding]
) -> Iterator[Vouched]:
    """The log's own checkpoints; one that cannot be believed is a finding and is left out."""
    latest = None
    for name in sorted(files.below("checkpoints")):
        try:
            each = vouched(files.word(name), key, known)
            size = each.checkpoint.size
            if name != f"checkpoints/{size}":
                raise Bad(N_("检查点（%(size)s 条）放在别的名字下。"), size=size)
        except Bad as bad:
            findings.append(bad.finding)
            continue
        if latest is None or size > latest.size:
            latest = each.checkpoint
        yield each
    if latest is None or files.word("checkpoint") != files.word(f"checkpoints/{latest.size}"):
        findings.append(Finding(N_("最新的检查点和存档里的不一样，或者没有。")))


def _kept(
    kept: Iterable[str], key: Key, known: tuple[Key, ...], findings: list[Finding]
) -> Iterator[Vouched]:
    for note in kept:
        try:
            yield vouched(note, key, known, strict=False)
        except Bad as bad:
            findings.append(bad.finding)


def _entries(files: Files, size: int) -> Iterator[Entry]:
    for number, width in tile_widths(size):
        first = number * WIDTH
        name = entries_path(number, width)
        content = files.get(name)
        if content is None:
            raise Bad(N_("缺少第 %(seq)s 条起的文件 %(name)s。"), first, name=name)
        lines = content.decode(errors="surrogateescape").split("\n")
        for at, line in enumerate(lines[:width]):
            found = _ENTRY.fullmatch(line)
            if found is None:
                raise Bad(N_("第 %(seq)s 条的写法被改动，读不出来。"), first + at)
            yield Entry(int(found[1]), bytes.fromhex(found[2]), bytes.fromhex(found[3]))
        if len(lines) < width:
            raise Bad(N_("第 %(seq)s 条不见了，或次序被改动。"), first + len(lines))
        if lines[width:] != [""]:
            raise Bad(N_("第 %(seq)s 条之后多出了别的内容。"), first + width - 1)


def _tiles(files: Files, size: int) -> Published:
    def published(level: int, number: int, width: int) -> bytes:
        width = min(width, (size >> 8 * level) - number * WIDTH)
        name = f"tile/{tile_path(level, number, width)}"
        content = files.get(name)
        if content is None or len(content) != width * HASH:
            first = number * WIDTH ** (level + 1)
            raise Bad(N_("缺少第 %(seq)s 条起的文件 %(name)s。"), first, name=name)
        return content

    return published


def tile_widths(size: int) -> Iterator[tuple[int, int]]:
    """The files of entries of a log of that size: number, and how many lines."""
    for number in range(-(-size // WIDTH)):
        yield number, min(WIDTH, size - number * WIDTH)


def entries_path(number: int, width: int) -> str:
    """The name of a file of entries: as a tile's, below ``entries/``."""
    return f"entries/{number_path(number)}" + ("" if width == WIDTH else f".p/{width}")


def entry_line(entry: Entry) -> str:
    """An event as a line of the public log."""
    return f"{entry.seq} {entry.digest.hex()} {entry.chain.hex()}\n"
