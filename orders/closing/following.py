"""An order's households' part, followed to its end: set off, paid out, on its way, still waiting.

Settlement and payouts know lots and households, not orders. Whose an order's money is follows
from its places among the lot's events (`orders.documents.attribution`); how far it has come, from
the rule that what came first goes first. Each part is a difference of the same growing figure, so
the parts of all orders of a lot sum to what was settled of it, and of a household to what it was
paid.

Rule: docs/money.md, “Where every fen is”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from orders.closing.bank_side import run
from orders.closing.proof import OrderProof
from orders.documents.attribution import backers_of, pool_events
from orders.documents.rules import Backer
from orders.purchasing.models import Allocation, Order, OrderLine
from orders.settlements.models import SettlementItem, SettlementRun
from products.households.models import Household, Village
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.money import ZERO, Money, largest_remainder, total
from shop.core.permissions import Permission
from shop.web.filters import mask

#: Households of a lot shown one by one; the others are one line.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Part:
    """How far some money has come: `set_off` is with the cooperative that paid at the gate."""

    set_off: Money = ZERO
    paid: Money = ZERO
    in_transit: Money = ZERO
    payable: Money = ZERO

    @property
    def whole(self) -> Money:
        """All of it."""
        return self.set_off + self.paid + self.in_transit + self.payable


@dataclass(frozen=True, slots=True)
class HouseholdPart:
    """One household behind a lot, masked, and how far its part of the order has come."""

    public_id: str
    name: str
    village: str
    part: Part


@dataclass(frozen=True, slots=True)
class LotPart:
    """What of an order went to one lot's households: households = settled + in_pool + unpaid.

    `in_pool` waits for a settlement, below zero where a return waits for it; `unpaid` lies in the
    pool as well and waits for the buyer. `runs` (number, public id) settled the lot.
    """

    public_id: str
    number: str
    households: Money
    unpaid: Money
    in_pool: Money
    settled: Part
    people: tuple[HouseholdPart, ...]
    others: int
    others_part: Part
    runs: tuple[tuple[str, str], ...]

    @property
    def rest(self) -> Money:
        """What has no place; must be zero."""
        return self.households - self.unpaid - self.in_pool - self.settled.whole


@dataclass(frozen=True, slots=True)
class OrderParts:
    """An order's households' part, lot by lot, and all of it; `expected` by the order's proof."""

    lots: tuple[LotPart, ...]
    expected: Money

    @property
    def households(self) -> Money:
        """All of it."""
        return total([lot.households for lot in self.lots])

    @property
    def unpaid(self) -> Money:
        """What waits for the buyer."""
        return total([lot.unpaid for lot in self.lots])

    @property
    def in_pool(self) -> Money:
        """What waits for a settlement."""
        return total([lot.in_pool for lot in self.lots])

    @property
    def settled(self) -> Part:
        """What was settled, by how far it has come."""
        return together([lot.settled for lot in self.lots])

    @property
    def rest(self) -> Money:
        """What has no place; must be zero, as it must be for each lot."""
        wrong = [lot.rest for lot in self.lots if lot.rest]
        return wrong[0] if wrong else self.expected - self.households


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of what a lot earned, from and to; turned round where it was taken back."""

    begin: Money
    end: Money


def settled_spans(events: Sequence[tuple[Money, bool]], settled: Money) -> tuple[list[Span], Money]:
    """Which stretches of a lot's revenue are one order's and settled, and what of it is not yet.

    Args:
        events: what changed the lot's pool, in order: how much, and whether the order did.
        settled: what runs have posted of the lot. What came first was settled first; a return
            after the lot stood at `settled` for the last time waits for the next run.
    """
    stands, upto = ZERO, ZERO
    after: list[Money] = []
    for amount, _mine in events:
        stands += amount
        after.append(stands)
    reached = min(settled, max([ZERO, *after]))
    last = max((n for n, at in enumerate(after) if at >= reached), default=-1)
    spans, waiting = [], ZERO
    for n, ((amount, mine), at) in enumerate(zip(events, after, strict=True)):
        if mine and n <= last:
            span = Span(*(min(max(edge, ZERO), reached) for edge in (upto, at)))
            spans.append(span)
            waiting += amount - (span.end - span.begin)
        elif mine:
            waiting += amount
        upto = at
    return spans, waiting


def parts_of(
    spans: Iterable[Span], backers: Sequence[Backer], gone: Mapping[int, tuple[Money, Money]]
) -> list[Part]:
    """How far each household's part of some stretches has come, in the order given.

    Args:
        backers: the lot's households by public id, ascending in byte order.
        gone: what of a household's second payments of the lot was paid out, and that with what is
            on its way, by its internal key.
    """
    weights = [backer.weight for backer in backers]
    sums = [[0, 0, 0, 0] for _ in backers]
    for span in spans:
        for edge, sign in ((span.begin, -1), (span.end, 1)):
            for mine, backer, share in zip(
                sums, backers, largest_remainder(edge, weights), strict=True
            ):
                paid, sent = gone.get(backer.household_id, (ZERO, ZERO))
                set_off = min(share, backer.paid)
                second = share - set_off
                mine[0] += sign * set_off.fen
                mine[1] += sign * min(second, paid).fen
                mine[2] += sign * (min(second, sent) - min(second, paid)).fen
                mine[3] += sign * (second - min(second, sent)).fen
    return [Part(*(Money(fen) for fen in mine)) for mine in sums]


def followed(tx: Session, order: OrderProof, actor: Actor) -> OrderParts:
    """The households' part of an order, lot by lot, to its end.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    order_id = order.public_id
    taken = {row.lot_id: Money(int(row.fen)) for row in run(tx, _TAKEN, order_id=order_id)}
    lots = select(Allocation.lot_id).where(Allocation.line_id.in_(_lines(order_id)))
    events = {
        lot: [(fen, mine) for _lot, fen, mine in some] for lot, some in _events(tx, order_id, lots)
    }
    backers = backers_of(tx, lots)
    change = SettlementItem.__table__.c.change_fen
    posted = {
        lot: Money(fen)
        for lot, fen in tx.execute(
            select(SettlementItem.lot_id, db.total(change))
            .where(SettlementItem.lot_id.in_(lots))
            .group_by(SettlementItem.lot_id)
        )
    }
    gone: dict[int, dict[int, tuple[Money, Money]]] = defaultdict(dict)
    for row in run(tx, _GONE, order_id=order_id):
        gone[row.lot_id][row.household_id] = Money(int(row.paid)), Money(int(row.sent))
    people = _people(tx, {one.household_id for some in backers.values() for one in some})
    runs = _runs(tx, lots)
    found = []
    for lot in tx.execute(select(Lot).where(Lot.id.in_(lots)).order_by(Lot.number)).scalars():
        if lot.id not in taken:
            continue
        happened = events.get(lot.id, [])
        spans, waiting = settled_spans(happened, posted.get(lot.id, ZERO))
        behind = backers.get(lot.id, [])
        parts = parts_of(spans, behind, gone[lot.id])
        earned = total([amount for amount, mine in happened if mine])
        ranked = sorted(
            (
                HouseholdPart(*people[backer.household_id], part)
                for backer, part in zip(behind, parts, strict=True)
                if part != Part()
            ),
            key=lambda one: (-one.part.whole.fen, one.public_id),
        )
        found.append(
            LotPart(
                lot.public_id,
                lot.number,
                households=taken[lot.id],
                unpaid=taken[lot.id] - earned,
                in_pool=waiting,
                settled=together(parts),
                people=tuple(ranked[:SHOWN]),
                others=len(ranked[SHOWN:]),
                others_part=together([one.part for one in ranked[SHOWN:]]),
                runs=runs.get(lot.id, ()),
            )
        )
    return OrderParts(tuple(found), order.households)


def together(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    some = list(parts)
    return Part(
        total([one.set_off for one in some]),
        total([one.paid for one in some]),
        total([one.in_transit for one in some]),
        total([one.payable for one in some]),
    )


_MY_LOTS = """
  SELECT al.lot_id FROM purchase_order o
  JOIN order_line l ON l.order_id = o.id JOIN allocation al ON al.line_id = l.id
  WHERE o.public_id = :order_id
"""

#: The households' part of the units an order kept, by lot, from its lines.
_TAKEN = """
  SELECT al.lot_id, sum(l.households_fen * (x.accepted_units - x.returned_units)) AS fen
  FROM purchase_order o
  JOIN order_line l ON l.order_id = o.id
  JOIN allocation al ON al.line_id = l.id
  JOIN acceptance_line x ON x.allocation_id = al.id
  JOIN acceptance a ON a.id = x.acceptance_id AND a.state = 'signed'
  WHERE o.public_id = :order_id
  GROUP BY al.lot_id
"""

#: Second payments of these lots: how much of each was paid out, and with what is on its way.
#: What a household was paid is of the lots that were settled for it first.
_GONE = f"""
  WITH mine AS (
    SELECT DISTINCT household_id FROM settlement_item WHERE lot_id IN ({_MY_LOTS})),
  net AS (
    SELECT household_id, lot_id, sum(second_payment_fen) AS fen, min(id) AS first
    FROM settlement_item WHERE household_id IN (SELECT household_id FROM mine)
    GROUP BY household_id, lot_id),
  upto AS (
    SELECT household_id, lot_id, fen, sum(fen) OVER (
      PARTITION BY household_id ORDER BY first ROWS UNBOUNDED PRECEDING) AS after FROM net),
  out AS (
    SELECT payee_id,
      sum(CASE WHEN state = 'confirmed' THEN amount_fen ELSE 0 END) AS paid,
      sum(CASE WHEN state IN ('confirmed', 'in_transit', 'unknown') THEN amount_fen ELSE 0 END)
        AS sent
    FROM payout_item WHERE kind = 'household' AND payee_id IN (SELECT household_id FROM mine)
    GROUP BY payee_id)
  SELECT u.household_id, u.lot_id,
    {{paid}} AS paid, {{sent}} AS sent
  FROM upto u JOIN out ON out.payee_id = u.household_id
  WHERE u.lot_id IN ({_MY_LOTS})
""".format(  # noqa: S608 (our own words)
    **{
        name: f"CASE WHEN out.{name} <= u.after - u.fen THEN 0 WHEN out.{name} >= u.after"
        f" THEN u.fen ELSE out.{name} - u.after + u.fen END"
        for name in ("paid", "sent")
    }
)


def _lines(order_id: str) -> Select[int]:
    return (
        select(OrderLine.id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.public_id == order_id)
    )


def _events(tx: Session, order_id: str, lots: Select[Any]) -> Iterable[Any]:
    """What changed the pools of these lots, in order, by lot."""
    event = pool_events(lots).c
    rows = tx.execute(
        select(event.lot_id, event.pool_fen, event.line_id.in_(_lines(order_id))).order_by(
            event.lot_id, event.at, event.place, event.tie
        )
    )
    changes = [(lot, Money(int(fen)), bool(mine)) for lot, fen, mine in rows]
    return groupby(changes, key=lambda change: change[0])


def _people(tx: Session, keys: set[int]) -> dict[int, tuple[str, str, str]]:
    rows = tx.execute(
        select(Household.id, Household.public_id, Household.name, Village.name)
        .join(Village, Village.id == Household.village_id)
        .where(Household.id.in_(keys))
    )
    return {key: (public_id, mask(name), village) for key, public_id, name, village in rows}


def _runs(tx: Session, lots: Select[Any]) -> dict[int, tuple[tuple[str, str], ...]]:
    rows = tx.execute(
        select(SettlementItem.lot_id, SettlementRun.number, SettlementRun.public_id)
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(SettlementItem.lot_id.in_(lots))
        .group_by(SettlementItem.lot_id, SettlementRun.id)
        .order_by(SettlementItem.lot_id, func.min(SettlementItem.id))
    )
    return {
        lot: tuple((number, public_id) for _lot, number, public_id in some)
        for lot, some in groupby(rows, key=lambda row: row[0])
    }
