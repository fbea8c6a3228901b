"""The custody account against the ledger, with what explains the difference (资金对账)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger.states import AccountKind
from orders.payments.models import BankLine, BankStatement
from orders.payments.states import LineState, StatementState
from orders.payouts import standing
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.owing import shown
from orders.payouts.queries import payees
from orders.payouts.states import ItemState, PayoutKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission

PAGE = 200


class Explanation(Labelled):
    """Why the ledger and the bank may differ and both be right."""

    PAID_UNSEEN = "paid_unseen", N_("银行回盘已成功、流水里还没有的打款")
    UNEXPLAINED = "unexplained", N_("流水里已付出、还没有说明的支出")
    OPENING = "opening", N_("第一份流水之前就有的余额")
    GAP = "gap", N_("两份流水之间缺的一段")


@dataclass(frozen=True, slots=True)
class KindBalance:
    """What lies in all accounts of one kind together, positive on its normal side."""

    kind: AccountKind
    balance: Money


@dataclass(frozen=True, slots=True)
class InTransit:
    """One payment on its way: the bank has not yet said what became of it."""

    batch_id: str
    batch_number: str
    kind: PayoutKind
    state: ItemState
    payee: str
    last4: str
    amount: Money
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustodyPage:
    """The books beside the bank. `difference` is ours less theirs; `rest` is what nothing explains.

    `closing` and `closed_at` are of the last statement, None before the first one.
    """

    kinds: tuple[KindBalance, ...]
    ours: Money
    closing: Money | None
    closed_at: datetime | None
    difference: Money
    explained: tuple[tuple[Explanation, Money], ...]
    rest: Money
    in_transit: tuple[InTransit, ...]


def custody(tx: Session, actor: Actor) -> CustodyPage:
    """Set the ledger's custody account against the last imported statement.

    Ours less theirs = unexplained debits − payouts confirmed but not yet in a statement − what
    lay there before the first statement − gaps between statements; anything left is an error.
    """
    actor.require(Permission.PLATFORM_READ)
    kinds = standing.by_kind(tx)
    statements = (
        tx.execute(
            select(BankStatement)
            .where(BankStatement.state == StatementState.IMPORTED)
            .order_by(BankStatement.first_at, BankStatement.last_at, BankStatement.id)
        )
        .scalars()
        .all()
    )
    ours = kinds[AccountKind.CUSTODY]
    last = statements[-1] if statements else None
    difference = ours - (last.closing if last else ZERO)
    explained = [
        (Explanation.PAID_UNSEEN, -_paid_unseen(tx)),
        (Explanation.UNEXPLAINED, _unexplained(tx)),
        (Explanation.OPENING, -(statements[0].opening if statements else ZERO)),
        (Explanation.GAP, -_gaps(statements)),
    ]
    return CustodyPage(
        kinds=tuple(KindBalance(kind, amount) for kind, amount in kinds.items() if amount),
        ours=ours,
        closing=last.closing if last else None,
        closed_at=last.last_at if last else None,
        difference=difference,
        explained=tuple((why, amount) for why, amount in explained if amount),
        rest=difference - total([amount for _why, amount in explained]),
        in_transit=_in_transit(tx, actor),
    )


def _gaps(statements: Sequence[BankStatement]) -> Money:
    return total([later.opening - earlier.closing for earlier, later in pairwise(statements)])


def _paid_unseen(tx: Session) -> Money:
    return _sum(
        tx.execute(
            select(db.total(type_coerce(PayoutItem.amount, BigInteger))).where(
                PayoutItem.state.in_((ItemState.CONFIRMED, ItemState.RETURNED)),
                PayoutItem.bank_line_id.is_(None),
            )
        ).scalar_one()
    )


def _unexplained(tx: Session) -> Money:
    return -_sum(
        tx.execute(
            select(db.total(type_coerce(BankLine.amount, BigInteger))).where(
                BankLine.state == LineState.UNEXPLAINED, BankLine.undone.is_(False)
            )
        ).scalar_one()
    )


def _sum(fen: int) -> Money:
    return Money(int(fen))


def _in_transit(tx: Session, actor: Actor) -> tuple[InTransit, ...]:
    rows = tx.execute(
        select(PayoutItem, PayoutBatch.public_id, PayoutBatch.number, PayoutBatch.approved_at)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.state.in_((ItemState.IN_TRANSIT, ItemState.UNKNOWN)))
        .order_by(PayoutItem.id)
        .limit(PAGE)
    ).all()
    names = payees(tx, [item for item, *_ in rows])
    return tuple(
        InTransit(
            batch_id,
            number,
            item.kind,
            item.state,
            shown(names.get((item.kind, item.payee_id), item.holder), actor),
            item.number_last4,
            item.amount,
            approved_at,
        )
        for item, batch_id, number, approved_at in rows
    )
