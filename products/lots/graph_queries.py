"""The graph around one lot: what it was made of, down to the deliveries, and what was made of it.

Many alike stand as one: a page shows a picture, not a wall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import CTE, select
from sqlalchemy.orm import Session, aliased

from products.lots.flow import Chart, Spot, Stream, laid_out
from products.lots.models import LotInput
from products.lots.rows import LotRow
from products.lots.states import LotKind

#: Lots alike in kind, parents and children stand as one from so many on; and all of one kind in
#: a column that would hold more boxes than this.
ALIKE, IN_A_COLUMN = 4, 10

Edge = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One box of the picture: one lot, or several that are alike."""

    lots: tuple[LotRow, ...]
    here: bool

    @property
    def first(self) -> LotRow:
        """The lot, or the oldest of them."""
        return self.lots[0]

    @property
    def grams(self) -> int:
        """What they weighed when recorded."""
        return sum(lot.grams for lot in self.lots)


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture: where boxes and bands lie, and what stands in each box, by its key."""

    chart: Chart
    groups: dict[str, Group]


def edges_behind(tx: Session, key: int) -> list[Edge]:
    """Every (child, parent, grams) on the way from a lot down to its deliveries."""
    first = select(LotInput.child_id, LotInput.parent_id, LotInput.grams).where(
        LotInput.child_id == key
    )
    behind = first.cte("behind", recursive=True)
    behind = behind.union(
        select(LotInput.child_id, LotInput.parent_id, LotInput.grams).join(
            behind, LotInput.child_id == behind.c.parent_id
        )
    )
    return _edges(tx, behind)


def edges_ahead(tx: Session, key: int) -> list[Edge]:
    """Every (child, parent, grams) on the way from a lot up to what was packed of it."""
    first = select(LotInput.child_id, LotInput.parent_id, LotInput.grams).where(
        LotInput.parent_id == key
    )
    ahead = first.cte("ahead", recursive=True)
    later = aliased(LotInput)
    ahead = ahead.union(
        select(later.child_id, later.parent_id, later.grams).join(
            ahead, later.parent_id == ahead.c.child_id
        )
    )
    return _edges(tx, ahead)


def _edges(tx: Session, found: CTE) -> list[Edge]:
    rows = tx.execute(
        select(found.c.child_id, found.c.parent_id, found.c.grams).order_by(
            found.c.child_id, found.c.parent_id
        )
    )
    return [(child, parent, grams) for child, parent, grams in rows]


def drawn(key: int, edges: Collection[Edge], rows: dict[int, LotRow]) -> Graph | None:
    """The picture of a lot among its kin; None where it has none.

    Args:
        rows: the lot and every lot an edge names, by internal key.
    """
    if not edges:
        return None
    columns = _columns(edges, rows)
    groups = _gathered(key, edges, rows, columns)
    box = {lot: name for name, lots in groups.items() for lot in lots}
    streams: dict[tuple[str, str], int] = defaultdict(int)
    for child, parent, grams in edges:
        streams[box[parent], box[child]] += grams
    found = {
        name: Group(tuple(rows[lot] for lot in sorted(lots)), key in lots)
        for name, lots in groups.items()
    }
    spots = [Spot(name, columns[min(groups[name])], group.grams) for name, group in found.items()]
    return Graph(laid_out(spots, [Stream(*ends, grams) for ends, grams in streams.items()]), found)


def _columns(edges: Iterable[Edge], rows: dict[int, LotRow]) -> dict[int, int]:
    """The generation of each lot; a child is younger than its parents. Packed lots stand last."""
    parents: dict[int, list[int]] = defaultdict(list)
    for child, parent, _grams in edges:
        parents[child].append(parent)
    column: dict[int, int] = {}
    for lot in sorted(rows):
        column[lot] = max((column[parent] + 1 for parent in parents[lot]), default=0)
    last = max(column.values())
    return {lot: last if rows[lot].kind is LotKind.PACKED else at for lot, at in column.items()}


def _gathered(
    key: int, edges: Iterable[Edge], rows: dict[int, LotRow], columns: dict[int, int]
) -> dict[str, list[int]]:
    """Which lots stand in which box."""
    kin: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for child, parent, _grams in edges:
        kin[child].add(("of", parent))
        kin[parent].add(("into", child))
    alike: dict[object, list[int]] = defaultdict(list)
    for lot in sorted(rows):
        own = (columns[lot], rows[lot].kind, frozenset(kin[lot]), lot == key)
        alike[own].append(lot)
    boxes = [
        some
        for lots in alike.values()
        for some in ([lots] if len(lots) >= ALIKE else [[lot] for lot in lots])
    ]
    crowded: dict[int, int] = defaultdict(int)
    for lots in boxes:
        crowded[columns[lots[0]]] += 1
    found: dict[str, list[int]] = defaultdict(list)
    for lots in boxes:
        first = rows[lots[0]]
        at = columns[lots[0]]
        merge = crowded[at] > IN_A_COLUMN and key not in lots
        found[f"{at}-{first.kind.value}" if merge else first.public_id].extend(lots)
    return found
