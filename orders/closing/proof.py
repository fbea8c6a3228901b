"""Where every fen is (收支守恒): of one order, of a day, of everything.

Rule: docs/money.md, “Where every fen is”.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from orders.closing.bank_side import run
from orders.closing.reconciling import end_of
from orders.closing.states import KINDS
from orders.ledger.states import DEBIT_NORMAL, AccountKind
from orders.purchasing.models import Order
from shop.core import clock
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission

#: Before all books.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

#: Per order: what came in, and where it is by the terms of its lines and by the ledger.
#: `{only}` narrows it to one order; the CAST lets SQLite join the balances by an index.
_ORDERS = """
  SELECT o.public_id, o.number,
    coalesce(p.fen, 0) AS received, coalesce(b.receivable, 0) AS receivable,
    coalesce(b.escrow, 0) AS escrow, coalesce(b.transit, 0) AS refund_in_transit,
    coalesce(f.fen, 0) AS refunded,
    coalesce(x.households, 0) AS households, coalesce(x.cooperative, 0) AS cooperative,
    coalesce(x.tax, 0) AS tax, coalesce(x.carrier, 0) AS carrier,
    coalesce(x.platform, 0) AS platform
  FROM purchase_order o
  LEFT JOIN (SELECT order_id, sum(amount_fen) AS fen FROM payment
             WHERE NOT undone AND order_id {only} GROUP BY order_id) p ON p.order_id = o.id
  LEFT JOIN (SELECT f.order_id, sum(f.amount_fen) AS fen FROM refund f
             JOIN payout_item i ON i.refund_id = f.id AND i.state = 'confirmed'
             WHERE f.order_id {only} GROUP BY f.order_id) f ON f.order_id = o.id
  LEFT JOIN (SELECT l.order_id,
      sum(l.households_fen * (x.accepted_units - x.returned_units)) AS households,
      sum((l.processing_fen + l.packing_fen + l.cooperative_fen)
          * (x.accepted_units - x.returned_units) - l.freight_fen * x.returned_units)
        AS cooperative,
      sum(l.tax_fen * (x.accepted_units - x.returned_units)) AS tax,
      sum(l.freight_fen * x.accepted_units) AS carrier,
      sum(l.platform_fen * (x.accepted_units - x.returned_units)) AS platform
    FROM acceptance_line x
    JOIN acceptance a ON a.id = x.acceptance_id AND a.state = 'signed'
    JOIN allocation al ON al.id = x.allocation_id
    JOIN order_line l ON l.id = al.line_id
    WHERE a.order_id {only}
    GROUP BY l.order_id) x ON x.order_id = o.id
  LEFT JOIN (SELECT w.order_id,
      sum(CASE WHEN w.kind = 'escrow' THEN w.fen ELSE 0 END) AS escrow,
      sum(CASE WHEN w.kind = 'refund_in_transit' THEN w.fen ELSE 0 END) AS transit,
      sum(CASE WHEN w.kind = 'buyer_receivable' THEN -w.fen ELSE 0 END) AS receivable
    FROM (SELECT a.kind, CAST(a.order_id AS bigint) AS order_id,
            CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END AS fen
          FROM (SELECT id, kind, owner_id AS order_id FROM ledger_account
                WHERE kind IN ('escrow', 'refund_in_transit') AND owner_id {only}
                UNION ALL
                SELECT r.id, r.kind, c.order_id FROM acceptance c
                JOIN ledger_account r ON r.kind = 'buyer_receivable' AND r.owner_id = c.id
                WHERE c.order_id {only}) a
          JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id) w
    GROUP BY w.order_id) b ON b.order_id = o.id
  WHERE o.id {only}
"""

_ALL = _ORDERS.format(only="IS NOT NULL")
_ONE = _ORDERS.format(only="= :key")

#: What went into (above zero) or out of custody in a period, by what stands on the other side.
_FLOW = """
  SELECT a.kind, sum(CASE WHEN c.id = t.debit_id THEN t.amount_fen ELSE -t.amount_fen END) AS fen
  FROM ledger_account c
  JOIN ledger_transfer t ON t.debit_id = c.id OR t.credit_id = c.id
  JOIN ledger_journal j ON j.id = t.journal_id
  JOIN ledger_account a ON a.id = CASE WHEN t.debit_id = c.id THEN t.credit_id ELSE t.debit_id END
  WHERE c.kind = 'custody' AND j.effective_at >= :since AND j.effective_at < :until
  GROUP BY a.kind
"""

#: What was paid out in a period, by whom it was for: a batch's account holds all of them together.
_LEFT = """
  SELECT kind, sum(amount_fen) AS fen FROM payout_item
  WHERE left_at >= :since AND left_at < :until AND kind <> 'refund' GROUP BY kind
"""

_BALANCES = """
  SELECT a.kind,
    sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) AS fen
  FROM ledger_account a
  JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
  JOIN ledger_journal j ON j.id = t.journal_id
  WHERE j.effective_at < :until GROUP BY a.kind
"""

#: What the goods that were accepted in a period, less those returned in it, pay for.
_GOODS = """
  SELECT {parts} FROM (
    SELECT al.line_id, x.accepted_units AS units FROM acceptance_line x
    JOIN acceptance a ON a.id = x.acceptance_id AND a.state = 'signed'
     AND a.signed_at >= :since AND a.signed_at < :until
    JOIN allocation al ON al.id = x.allocation_id
    UNION ALL
    SELECT al.line_id, -r.units FROM goods_return_line r
    JOIN goods_return g ON g.id = r.return_id AND g.at >= :since AND g.at < :until
    JOIN acceptance_line x ON x.id = r.acceptance_line_id
    JOIN allocation al ON al.id = x.allocation_id) e
  JOIN order_line l ON l.id = e.line_id
"""


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods by what their prices pay for, part by part."""

    households: Money
    processing: Money
    packing: Money
    cooperative: Money
    freight: Money
    platform: Money
    tax: Money

    @property
    def whole(self) -> Money:
        """All of it: units times prices."""
        return total([getattr(self, part.name) for part in fields(self)])


@dataclass(frozen=True, slots=True)
class OrderProof:
    """One order: received + receivable = everything else. `tax` lies with the cooperative."""

    public_id: str
    number: str
    received: Money
    receivable: Money
    escrow: Money
    refund_in_transit: Money
    refunded: Money
    households: Money
    cooperative: Money
    tax: Money
    carrier: Money
    platform: Money

    @property
    def whole(self) -> Money:
        """What the buyer paid and owes."""
        return self.received + self.receivable

    @property
    def placed(self) -> Money:
        """What has its place."""
        return total([getattr(self, name) for name in ORDER_PLACES])

    @property
    def rest(self) -> Money:
        """What has no place; must be zero."""
        return self.whole - self.placed


ORDER_PLACES = tuple(field.name for field in fields(OrderProof))[4:]


@dataclass(frozen=True, slots=True)
class PeriodProof:
    """A period: opening + received = what was paid out + what is still held.

    `held` says for whom the closing balance lies there, receivables and fees below zero; it sums
    to `closing`. `goods` were accepted in the period and not returned in it; their tax is
    contained in what cooperatives were credited.
    """

    since: datetime
    until: datetime
    opening: Money
    received: Money
    households: Money
    cooperatives: Money
    carriers: Money
    refunds: Money
    fees: Money
    closing: Money
    held: tuple[tuple[AccountKind, Money], ...]
    goods: Goods

    @property
    def paid(self) -> Money:
        """Everything that left."""
        return total([getattr(self, name) for name in PAID_TO])

    @property
    def rest(self) -> Money:
        """What has no place; must be zero."""
        return self.opening + self.received - self.paid - self.closing

    @property
    def held_rest(self) -> Money:
        """What is held for nobody; must be zero."""
        return self.closing - total([amount for _kind, amount in self.held])


PAID_TO = ("households", "cooperatives", "carriers", "refunds", "fees")


@dataclass(frozen=True, slots=True)
class OrdersProof:
    """All orders together, and those among them that do not add up."""

    count: int
    together: OrderProof
    wrong: tuple[OrderProof, ...]


def of_order(tx: Session, order_id: str, actor: Actor) -> OrderProof:
    """Where the money of one order is.

    Args:
        order_id: its public id or its number.

    Raises:
        NotFound: there is no such order.
    """
    actor.require(Permission.PLATFORM_READ)
    key = tx.execute(
        select(Order.id).where(or_(Order.public_id == order_id, Order.number == order_id))
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    return _order(run(tx, _ONE, key=key)[0])


def of_orders(tx: Session, actor: Actor) -> OrdersProof:
    """Where the money of all orders is, summed, with every order that does not add up."""
    actor.require(Permission.PLATFORM_READ)
    names = [field.name for field in fields(OrderProof)][2:]
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in names)
    off = f"received + receivable <> {' + '.join(ORDER_PLACES)}"
    (row,) = run(
        tx,
        f"SELECT count(*) AS orders, coalesce(sum(CASE WHEN {off} THEN 1 ELSE 0 END), 0) AS off,"  # noqa: S608
        f" '' AS public_id, '' AS number, {sums} FROM ({_ALL}) e",
    )
    wrong = run(tx, f"SELECT * FROM ({_ALL}) e WHERE {off} LIMIT 100") if row.off else []  # noqa: S608
    return OrdersProof(int(row.orders), _order(row), tuple(_order(one) for one in wrong))


def of_day(tx: Session, day: date, actor: Actor) -> PeriodProof:
    """Where the money of one day came from and went."""
    actor.require(Permission.PLATFORM_READ)
    return of_period(tx, clock.start_of(day), end_of(day))


def of_everything(tx: Session, actor: Actor, now: datetime) -> PeriodProof:
    """Everything since the beginning."""
    actor.require(Permission.PLATFORM_READ)
    return of_period(tx, BEGINNING, now + timedelta(days=1))


def _order(row: Row[Any]) -> OrderProof:
    amounts = [Money(int(getattr(row, field.name))) for field in fields(OrderProof)[2:]]
    return OrderProof(row.public_id, row.number, *amounts)


def of_period(tx: Session, since: datetime, until: datetime) -> PeriodProof:
    """Where the money of a period came from and went, for whoever may know."""
    span = {"since": since, "until": until}
    flow = {row.kind: Money(int(row.fen)) for row in run(tx, _FLOW, **span)}
    left = {row.kind: Money(int(row.fen)) for row in run(tx, _LEFT, **span)}
    flow.pop("payout_in_transit", ZERO)  # told by its items, which the rest then proves
    balances = {KINDS[row.kind]: Money(int(row.fen)) for row in run(tx, _BALANCES, until=until)}
    before = {row.kind: Money(int(row.fen)) for row in run(tx, _BALANCES, until=since)}
    parts = ", ".join(f"coalesce(sum(l.{part.name}_fen * e.units), 0)" for part in fields(Goods))
    (goods,) = run(tx, _GOODS.format(parts=parts), **span)
    out = {
        "households": left.get("household", ZERO),
        "cooperatives": left.get("cooperative", ZERO),
        "carriers": left.get("carrier", ZERO),
        "refunds": -flow.pop("refund_in_transit", ZERO),
        "fees": -flow.pop("bank_fee", ZERO),
    }
    return PeriodProof(
        since=since,
        until=until,
        opening=-before.get("custody", ZERO),
        received=total(list(flow.values())),
        **out,
        closing=-balances.pop(AccountKind.CUSTODY, ZERO),
        held=tuple(
            (kind, balances[kind])
            for kind in sorted(balances, key=lambda kind: (kind in DEBIT_NORMAL, kind.value))
            if balances[kind]
        ),
        goods=Goods(*(Money(int(fen)) for fen in goods)),
    )
