"""Tiles of a tree, as C2SP tlog-tiles lays them out: 256 hashes of one level in a row.

Tile `number` of level L holds the hashes over ``256**L`` leaves each, from hash ``256 * number``
on. A full tile never changes; the one at the right end of a level is partial, and its hashes are
the tops of the full tiles below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from products.proofs import merkle

WIDTH = 256
HASH = 32

#: `fetch(level, number, width)`: the first `width` hashes of a tile, one after the other.
Fetch = Callable[[int, int, int], bytes]


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """Every tile of a tree of that size: level, number, and how many hashes stand in it."""
    level = 0
    while size:
        full, rest = divmod(size, WIDTH)
        for number in range(full):
            yield level, number, WIDTH
        if rest:
            yield level, full, rest
        size, level = full, level + 1


def top(hashes: bytes) -> bytes:
    """The hash over a full tile."""
    row = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [merkle.node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def reader(size: int, fetch: Fetch) -> merkle.Nodes:
    """The nodes of a tree of that size, out of its tiles; each tile is fetched once."""
    held: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        if (level, number) not in held:
            width = min(WIDTH, (size >> 8 * level) - number * WIDTH)
            held[level, number] = fetch(level, number, width)
        return held[level, number]

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, 8)
        number, at = divmod(index << height, WIDTH)
        return top(tile(tile_level, number)[at * HASH : (at + (1 << height)) * HASH])

    return node


class Tiler:
    """Cuts a growing row of leaf hashes into full tiles.

    Args:
        open_tiles: per level, the hashes of the tile that is not full yet.
    """

    def __init__(self, size: int, open_tiles: list[bytes]) -> None:
        self._levels = [bytearray(hashes) for hashes in open_tiles]
        self._numbers = [(size >> 8 * level) // WIDTH for level in range(len(open_tiles))]

    def append(self, leaf: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Take one more leaf; gives each tile it fills: level, number, hashes, top."""
        level, found = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append(bytearray())
                self._numbers.append(0)
            row = self._levels[level]
            row += found
            if len(row) < WIDTH * HASH:
                return
            hashes, number = bytes(row), self._numbers[level]
            found = top(hashes)
            yield level, number, hashes, found
            row.clear()
            self._numbers[level] += 1
            level += 1

    def rest(self) -> Iterator[tuple[int, int, bytes]]:
        """The tiles that are not full yet: level, number, hashes; empty ones are left out."""
        for level, row in enumerate(self._levels):
            if row:
                yield level, self._numbers[level], bytes(row)


def number_path(number: int) -> str:
    """A tile's number as part of an address: ``1234067`` is ``x001/x234/067``."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(groups[::-1])


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """The address of a tile below ``tile/``."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"{level}/{number_path(number)}{partial}"


_PATH = re.compile(r"((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?")


def read_number_path(path: str) -> tuple[int, int] | None:
    """Number and width of a tile from its address, or None if it is not spelled like one."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    number = int(found[1].replace("x", "").replace("/", "") + found[2])
    width = int(found[3] or WIDTH)
    whole = found[0].partition(".")[0]
    return (number, width) if width <= WIDTH and number_path(number) == whole else None
