"""Merkle trees of RFC 9162 section 2: root, inclusion, consistency. Pure, and needs no database.

A tree is read through `nodes(level, index)`, the hash of the full subtree over the leaves from
``index * 2**level`` on, ``2**level`` of them. So a proof asks for O(log n) hashes, wherever they
are kept: in a list (`over`), in tiles in a table, or in tiles in a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Nodes = Callable[[int, int], bytes]

#: The root of a tree without leaves.
EMPTY = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """What stands in the tree for an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands above two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def over(leaves: Sequence[bytes]) -> Nodes:
    """The full subtrees over leaf hashes held in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def root(size: int, nodes: Nodes) -> bytes:
    """The hash over the first `size` leaves."""
    return _over_range(0, size, nodes) if size else EMPTY


def inclusion_path(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """What proves that leaf `index` is among the first `size`, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_over_range(middle, high, nodes))
            high = middle
        else:
            path.append(_over_range(low, middle, nodes))
            low = middle
    return path[::-1]


def root_by_path(leaf: bytes, index: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """The root a path leads to (RFC 9162 section 2.1.3.2), or None if it has the wrong length."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def consistency_path(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """What proves that the first `old` of `new` leaves are still the same ones."""
    if not 0 < old <= new:
        raise ValueError(f"no tree of {new} follows one of {old}")
    path = []
    low, high, whole = 0, new, True
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_over_range(middle, high, nodes))
            high = middle
        else:
            path.append(_over_range(low, middle, nodes))
            low, whole = middle, False
    return path[::-1] if whole else [_over_range(low, high, nodes), *path[::-1]]


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a path leads to both roots (RFC 9162 section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(beside, first), node_hash(beside, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


class Growing:
    """A tree that only grows, holding one hash for each bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Put one more leaf hash at the end."""
        level, found = 0, leaf
        while self._peaks and self._peaks[-1][0] == level:
            found = node_hash(self._peaks.pop()[1], found)
            level += 1
        self._peaks.append((level, found))
        self.size += 1

    def root(self) -> bytes:
        """The hash over everything that was appended."""
        if not self._peaks:
            return EMPTY
        found = self._peaks[-1][1]
        for _level, peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


def _over_range(low: int, high: int, nodes: Nodes) -> bytes:
    """The hash over leaves of an aligned range, as RFC 9162 splits it."""
    count = high - low
    if count & (count - 1) == 0:
        return nodes(_level(count), low >> _level(count))
    left = _split(count)
    above_left = nodes(_level(left), low >> _level(left))
    return node_hash(above_left, _over_range(low + left, high, nodes))


def _split(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << _level(count - 1)


def _level(count: int) -> int:
    return count.bit_length() - 1
