"""The formula of settlement as sets in SQL: what lots have earned, and who shares it.

`rules.changes` says the same of one lot; a test holds the two against each other.

Rule: docs/money.md, “Sharing a lot's revenue”.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from orders.ledger.models import Account, Transfer
from orders.ledger.states import AccountKind
from orders.settlements.models import SettlementItem
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.states import AcceptanceState
from products.households.models import Household
from products.lots.models import LotShare
from shop.core import db

#: Rows of a lot's key and fen.
LotFen = Select[int, int]

_ITEM, _SHARE, _LINE = SettlementItem.__table__, LotShare.__table__, AcceptanceLine.__table__


def open_receivables() -> Select[int]:
    """The acceptances (internal keys) of which the buyer still owes something."""
    owed = db.total(
        case(
            (Transfer.debit_id == Account.id, Transfer.__table__.c.amount_fen),
            else_=-Transfer.__table__.c.amount_fen,
        )
    )
    return (
        select(Account.owner_id)
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .where(Account.kind == AccountKind.BUYER_RECEIVABLE)
        .group_by(Account.owner_id)
        .having(owed > 0)
    )


def earned(*conditions: ColumnElement[bool]) -> LotFen:
    """`lot_id` and C, its `revenue` in fen: the pool value of units accepted, paid for and kept.

    An acceptance counts once nothing of it is owed any more; returned units do not count.

    Args:
        conditions: on `AcceptanceLine`, such as which lots.
    """
    kept = _LINE.c.accepted_units - _LINE.c.returned_units
    return (
        select(_LINE.c.lot_id, db.total(_LINE.c.households_fen * kept).label("revenue"))
        .where(*counted(), *conditions)
        .group_by(_LINE.c.lot_id)
    )


def counted() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That a line's acceptance counts: it is signed, and nothing of it is owed any more.

    Few do not count; to name them is quicker than to look up every line's acceptance.
    """
    unsigned = select(Acceptance.id).where(Acceptance.state != AcceptanceState.SIGNED)
    return (
        _LINE.c.acceptance_id.not_in(unsigned),
        _LINE.c.acceptance_id.not_in(open_receivables()),
    )


def posted(*conditions: ColumnElement[bool]) -> Select[int, int, int]:
    """`lot_id`, `posted`, what all runs have posted of it, in fen, and by `item_count` items.

    Args:
        conditions: on `SettlementItem`, such as which lots.
    """
    return (
        select(
            _ITEM.c.lot_id,
            db.total(_ITEM.c.change_fen).label("posted"),
            func.count().label("item_count"),
        )
        .where(*conditions)
        .group_by(_ITEM.c.lot_id)
    )


def lines(basis: FromClause) -> Select[Any]:
    """What settling lots changes for each household behind them.

    Args:
        basis: rows of `lot_id`, `version` of its shares and `revenue`, C in fen.

    Returns:
        `lot_id`, `household_id`, `public_id`, `version`, `weight`, `share` after the run,
        `before` (posted), the changes `set_off` and `second`, and `uncovered`, what was covered
        for it and not recovered. `second` is what recovery and covering are still to be
        taken from (`rules.changes`); where no lot of the household falls, it is the second
        payment. Households for whom nothing changes are among them, with zeros.
    """
    past = earlier(basis)
    shared = _shared(basis)
    rows = union_all(
        select(*_figures(shared, past)).outerjoin(
            past,
            and_(
                past.c.lot_id == shared.c.lot_id,
                past.c.household_id == shared.c.household_id,
            ),
        ),
        gone(basis, past),
    ).subquery("lines")
    return select(
        *(column for column in rows.c if column.name not in ("paid", "set_off_before")),
        (_least(rows.c.share, rows.c.paid) - rows.c.set_off_before).label("set_off"),
        (
            rows.c.share
            - rows.c.before
            - (_least(rows.c.share, rows.c.paid) - rows.c.set_off_before)
        ).label("second"),
    )


def by_lot(basis: FromClause) -> Select[Any]:
    """The lines of each lot that changes, summed: how many households, and how much of what.

    `falls`: somebody gives something back or has something recovered, so that the plain formula
    is not all there is to it, and `second` is only what it starts from.
    """
    found = lines(basis).subquery("found")
    falling = or_(found.c.set_off < 0, found.c.second < 0, found.c.uncovered > 0)
    return (
        select(
            found.c.lot_id,
            db.total(found.c.weight).label("weights"),
            func.max(case((falling, 1), else_=0)).label("falls"),
            func.sum(case((changed(found), 1), else_=0)).label("households"),
            db.total(found.c.set_off).label("set_off"),
            db.total(found.c.second).label("second"),
        )
        .group_by(found.c.lot_id)
        .having(func.max(case((changed(found), 1), else_=0)) == 1)
    )


def changed(found: FromClause) -> ColumnElement[bool]:
    """Whether a line of `lines` changes anything."""
    return or_(found.c.set_off != 0, found.c.second != 0)


def _shared(basis: FromClause) -> FromClause:
    """The shares by largest remainder: floors, and one fen more for the largest remainders."""
    fen = {name: type_coerce(_SHARE.c[name], BigInteger) for name in ("value_fen", "paid_fen")}
    weighed = (
        select(
            basis.c.lot_id,
            basis.c.version,
            basis.c.revenue,
            _SHARE.c.household_id,
            Household.public_id,
            fen["value_fen"].label("weight"),
            fen["paid_fen"].label("paid"),
            db.whole_sum(fen["value_fen"]).over(partition_by=basis.c.lot_id).label("whole"),
        )
        .join(_SHARE, and_(_SHARE.c.lot_id == basis.c.lot_id, _SHARE.c.version == basis.c.version))
        .join(Household, Household.id == _SHARE.c.household_id)
        .subquery("weighed")
    )
    # Divided before it is multiplied, so that no product overflows (`SettlementLot`).
    turns, rest = weighed.c.revenue // weighed.c.whole, weighed.c.revenue % weighed.c.whole
    floored = select(
        *weighed.c,
        (turns * weighed.c.weight + rest * weighed.c.weight // weighed.c.whole).label("floor"),
        (rest * weighed.c.weight % weighed.c.whole).label("remainder"),
    ).subquery("floored")
    ranked = select(
        *floored.c,
        func.row_number()
        .over(
            partition_by=floored.c.lot_id,
            order_by=(floored.c.remainder.desc(), floored.c.public_id),  # byte by byte
        )
        .label("place"),
        (
            floored.c.revenue - db.whole_sum(floored.c.floor).over(partition_by=floored.c.lot_id)
        ).label("left_over"),
    ).subquery("ranked")
    more = case((ranked.c.place <= ranked.c.left_over, 1), else_=0)
    return select(*ranked.c, (ranked.c.floor + more).label("share")).subquery("shared")


def earlier(basis: FromClause) -> FromClause:
    """Per lot and household what all runs posted, set off, and covered without recovering it."""
    return (
        select(
            _ITEM.c.lot_id,
            _ITEM.c.household_id,
            db.total(_ITEM.c.change_fen).label("posted"),
            db.total(_ITEM.c.set_off_fen).label("set_off"),
            db.total(_ITEM.c.covered_fen - _ITEM.c.recovered_fen).label("uncovered"),
        )
        .where(_ITEM.c.lot_id.in_(select(basis.c.lot_id)))
        .group_by(_ITEM.c.lot_id, _ITEM.c.household_id)
        .subquery("earlier")
    )


def _figures(shared: FromClause, past: FromClause) -> list[ColumnElement[Any]]:
    return [
        shared.c.lot_id,
        shared.c.household_id,
        shared.c.public_id,
        shared.c.version,
        shared.c.weight,
        shared.c.share,
        shared.c.paid,
        func.coalesce(past.c.posted, 0).label("before"),
        func.coalesce(past.c.set_off, 0).label("set_off_before"),
        func.coalesce(past.c.uncovered, 0).label("uncovered"),
    ]


def gone(basis: FromClause, past: FromClause) -> Select[Any]:
    """Whoever a correction took out of a lot, as long as something posted is to be taken back."""
    return (
        select(
            past.c.lot_id,
            past.c.household_id,
            Household.public_id,
            basis.c.version,
            literal(0, BigInteger).label("weight"),
            literal(0, BigInteger).label("share"),
            literal(0, BigInteger).label("paid"),
            past.c.posted,
            past.c.set_off,
            past.c.uncovered,
        )
        .join(basis, basis.c.lot_id == past.c.lot_id)
        .join(Household, Household.id == past.c.household_id)
        .outerjoin(
            _SHARE,
            and_(
                _SHARE.c.lot_id == past.c.lot_id,
                _SHARE.c.version == basis.c.version,
                _SHARE.c.household_id == past.c.household_id,
            ),
        )
        .where(
            basis.c.version > 1,
            _SHARE.c.lot_id.is_(None),
            or_(past.c.posted != 0, past.c.set_off != 0),
        )
    )


def _least(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)
