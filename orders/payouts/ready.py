"""Who could be paid now, on which account, and who has to wait and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from orders.ledger.states import AccountKind
from orders.payments.models import BankLine, Payment
from orders.payouts import standing
from orders.payouts.models import PayoutItem
from orders.payouts.rules import Flag, Obstacle, is_large
from orders.payouts.states import ItemState, PayoutKind
from orders.purchasing.models import Order, Purchase
from orders.refunds.models import NO_ORDER, Refund
from products.households.models import Household
from shop.core.money import Money
from shop.identity.models import User
from shop.organisations.models import Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState

#: From which account each kind is paid; refunds lie in transit from the start.
PAYABLE = {
    PayoutKind.HOUSEHOLD: AccountKind.HOUSEHOLD_PAYABLE,
    PayoutKind.COOPERATIVE: AccountKind.COOPERATIVE_PAYABLE,
    PayoutKind.CARRIER: AccountKind.CARRIER_PAYABLE,
}

IN_FLIGHT = (ItemState.DRAFT, ItemState.IN_TRANSIT, ItemState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Ready:
    """One payment that is owed. Keys stay inside; `obstacle` says why it is left out.

    `payee_id`: key of the household, the organisation, or a refund's order. `retries_id`: the
    failed item this one would pay again.
    """

    kind: PayoutKind
    payee_id: int
    name: str
    whose: str
    amount: Money
    purpose: str
    account_id: int | None = None
    paid_from_id: int | None = None
    refund_id: int | None = None
    holder: str = ""
    last4: str = ""
    bank: str = ""
    cnaps: str = ""
    obstacle: Obstacle | None = None
    flags: tuple[Flag, ...] = ()
    retries_id: int | None = None


def ready(tx: Session) -> list[Ready]:
    """Everything owed now: households, cooperatives, carriers, refunds; by kind, then name."""
    found = [
        *_payees(tx, PayoutKind.HOUSEHOLD),
        *_payees(tx, PayoutKind.COOPERATIVE),
        *_payees(tx, PayoutKind.CARRIER),
        *_refunds(tx),
    ]
    return _flagged(tx, found)


def _payees(tx: Session, kind: PayoutKind) -> list[Ready]:
    owed = standing.by_owner(tx, PAYABLE[kind])
    names = _households(tx, owed) if kind is PayoutKind.HOUSEHOLD else _organisations(tx, owed)
    payee_kind = PayeeKind.HOUSEHOLD if kind is PayoutKind.HOUSEHOLD else PayeeKind.ORGANISATION
    accounts = {
        account.payee_id: account
        for account in tx.execute(
            select(PayeeAccount).where(
                PayeeAccount.payee_kind == payee_kind,
                PayeeAccount.payee_id.in_(owed),
                PayeeAccount.state != AccountState.REPLACED,
            )
        ).scalars()
    }
    flying = set(
        tx.execute(
            select(PayoutItem.payee_id).where(
                PayoutItem.kind == kind, PayoutItem.state.in_(IN_FLIGHT)
            )
        ).scalars()
    )
    failed = _failed(tx, kind)
    rows = []
    for payee_id, (name, whose) in names.items():
        row = Ready(kind, payee_id, name, whose, owed[payee_id], kind.label)
        account = accounts.get(payee_id)
        if account is not None:
            row = replace(
                row,
                account_id=account.id,
                holder=account.holder,
                last4=account.number_last4,
                bank=account.bank,
                cnaps=account.cnaps,
                retries_id=failed.get(payee_id),
            )
        rows.append(replace(row, obstacle=_obstacle(account, payee_id in flying)))
    return sorted(rows, key=lambda row: (row.whose, row.name, row.payee_id))


def _obstacle(account: PayeeAccount | None, flying: bool) -> Obstacle | None:
    if flying:
        return Obstacle.IN_FLIGHT
    if account is None:
        return Obstacle.NO_ACCOUNT
    if account.state is not AccountState.ACTIVE:
        return Obstacle.ACCOUNT_REFUSED
    return None


def _households(tx: Session, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = tx.execute(
        select(Household.id, Household.name, Organisation.name)
        .join(Organisation, Organisation.id == Household.cooperative_id)
        .where(Household.id.in_(keys))
    )
    return {key: (name, cooperative) for key, name, cooperative in rows}


def _organisations(tx: Session, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = tx.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(keys)))
    return {key: (name, "") for key, name in rows}


def _failed(
    tx: Session, kind: PayoutKind, payee: InstrumentedAttribute[Any] = PayoutItem.payee_id
) -> dict[int, int]:
    """The latest failed item of each payee (or refund) that no other item retries."""
    retried = select(PayoutItem.retries_id).where(PayoutItem.retries_id.is_not(None))
    rows = tx.execute(
        select(payee, func.max(PayoutItem.id))
        .where(
            PayoutItem.kind == kind,
            PayoutItem.state == ItemState.FAILED,
            PayoutItem.id.not_in(retried),
        )
        .group_by(payee)
    )
    return {key: item_id for key, item_id in rows}


def _refunds(tx: Session) -> list[Ready]:
    live = select(PayoutItem.refund_id).where(
        PayoutItem.kind == PayoutKind.REFUND,
        PayoutItem.state.not_in((ItemState.FAILED, ItemState.WITHDRAWN)),
    )
    rows = tx.execute(
        select(Refund, BankLine, Purchase.number, Organisation.name, User.name)
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .join(BankLine, BankLine.id == func.coalesce(Payment.bank_line_id, Refund.bank_line_id))
        .outerjoin(Order, Order.id == Refund.order_id)
        .outerjoin(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(Refund.id.not_in(live))
        .order_by(Refund.number)
    ).all()
    failed = _failed(tx, PayoutKind.REFUND, PayoutItem.refund_id)
    found = []
    for refund, line, number, union, buyer in rows:
        row = Ready(
            PayoutKind.REFUND,
            refund.order_id or NO_ORDER,
            union or buyer or line.counterparty,
            number or "",
            refund.amount,
            f"退款 {refund.number}",
            refund_id=refund.id,
            retries_id=failed.get(refund.id),
        )
        if not line.account_last4 or not line.counterparty:
            row = replace(row, obstacle=Obstacle.NO_ACCOUNT)
        else:
            row = replace(
                row,
                paid_from_id=line.id,
                holder=line.counterparty[:64],
                last4=line.account_last4,
            )
        found.append(row)
    return found


def _flagged(tx: Session, rows: list[Ready]) -> list[Ready]:
    paid_on = last_accounts(tx)
    by_kind: dict[PayoutKind, list[Money]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row.amount)
    return [
        replace(
            row,
            flags=flags_of(
                row.amount,
                by_kind[row.kind],
                account_id=row.account_id,
                paid_on=paid_on.get((row.kind, row.payee_id)),
                retries=row.retries_id is not None,
            ),
        )
        for row in rows
    ]


def last_accounts(tx: Session, before: int | None = None) -> dict[tuple[PayoutKind, int], int]:
    """The account each payee was last paid on; `before`: only items with smaller keys."""
    last = (
        select(func.max(PayoutItem.id))
        .where(
            PayoutItem.state == ItemState.CONFIRMED,
            PayoutItem.account_id.is_not(None),
            *([PayoutItem.id < before] if before else []),
        )
        .group_by(PayoutItem.kind, PayoutItem.payee_id)
    )
    rows = tx.execute(
        select(PayoutItem.kind, PayoutItem.payee_id, PayoutItem.account_id).where(
            PayoutItem.id.in_(last)
        )
    )
    return {(kind, payee_id): account_id for kind, payee_id, account_id in rows if account_id}


def flags_of(
    amount: Money,
    of_its_kind: list[Money],
    *,
    account_id: int | None,
    paid_on: int | None,
    retries: bool,
) -> tuple[Flag, ...]:
    """What stands out in one payment, against others of its kind and the payee's last one."""
    found = []
    if retries:
        found.append(Flag.RETRY)
    if paid_on is not None and paid_on != account_id:
        found.append(Flag.NEW_ACCOUNT)
    if is_large(amount, of_its_kind):
        found.append(Flag.LARGE)
    return tuple(found)
