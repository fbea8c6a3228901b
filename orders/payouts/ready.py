"""Who could be paid now, on which account, and who has to wait and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, Subquery, func, select, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from orders.ledger.models import Account, Transfer
from orders.ledger.states import AccountKind
from orders.payments.importing import line_place
from orders.payments.models import BankLine, Payment
from orders.payouts.covering import PAYABLE, SELLERS, cover, unpaid
from orders.payouts.models import PayoutItem
from orders.payouts.rules import Cover, Flag, Obstacle, covered, is_large, six_medians
from orders.payouts.states import CAME_BACK, IN_FLIGHT, ItemState, PayoutKind
from orders.purchasing.models import Order, Purchase
from orders.refunds.models import NO_ORDER, Refund
from products.households.models import Household
from shop.core import db
from shop.core.money import Money
from shop.core.vault import vault
from shop.identity.models import User
from shop.organisations.models import Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState


class Ready(NamedTuple):
    """One payment that is owed. Keys stay inside; `obstacle` says why it is left out.

    `payee_id`: key of the household, the organisation, or a refund's order. `retries_id`: the
    item that came back and that this one would pay again. A tuple, since there may be very many.
    """

    kind: PayoutKind
    payee_id: int
    name: str
    whose: str
    fen: int
    purpose: str
    account_id: int | None
    paid_from_id: int | None
    refund_id: int | None
    holder: str
    last4: str
    digest: str
    bank: str
    cnaps: str
    obstacle: Obstacle | None
    flags: tuple[Flag, ...]
    retries_id: int | None

    @property
    def amount(self) -> Money:
        """What is owed."""
        return Money(self.fen)


def ready(
    tx: Session,
    kinds: Collection[PayoutKind] = tuple(PayoutKind),
    *,
    custody: Cover | None = None,
    beyond_custody: bool = False,
) -> list[Ready]:
    """Everything owed now of these kinds, by kind, then by whose and name.

    A seller of whose goods the buyer has not paid some in full stands in two rows: what can be
    paid, and what waits.

    Args:
        custody: what lies there for whom, where the caller knows it already.
        beyond_custody: leave nobody out for want of money; see `draft_batch`.
    """
    waits = unpaid(tx) if set(kinds) & set(SELLERS) else None
    custody = custody or cover(tx, kinds)
    found: list[Ready] = []
    for kind in kinds:
        rows = (
            _refunds(tx)
            if kind is PayoutKind.REFUND
            else _payees(tx, kind, waits.of(kind) if waits else {})
        )
        found += rows if beyond_custody else _covered(rows, custody.free(kind))
    return found


def _covered(rows: list[Ready], free: Money) -> list[Ready]:
    """The same rows, those left out that custody does not cover.

    A seller's payable is a running account and may be paid in part: such a one stands in two
    rows. A household's payment and a refund are one sum each.
    """
    fen = [row.fen for row in rows if row.obstacle is None]
    if sum(fen) <= free.fen:
        return rows
    paid = iter(covered(fen, free.fen, in_part=rows[0].kind in SELLERS))
    found = []
    for row in rows:
        part = row.fen if row.obstacle is not None else next(paid)
        if part:
            found.append(row._replace(fen=part))
        if part < row.fen:
            left = row.fen - part
            found.append(row._replace(fen=left, obstacle=Obstacle.NOT_COVERED, flags=()))
    return found


def _payees(tx: Session, kind: PayoutKind, waits: Mapping[int, int]) -> list[Ready]:
    rows = tx.execute(_owed_now(kind)).all()
    paid_for = [row[3] - waits.get(row[0], 0) for row in rows]
    six = six_medians([fen for fen in paid_for if fen > 0] or [0])
    found = []
    for row, fen in zip(rows, paid_for, strict=True):
        (payee_id, name, whose, owed, account_id, holder, last4, digest, bank, cnaps) = row[:10]
        state, flying, came_back, paid_on = row[10:]
        retries = came_back if account_id else None
        one = Ready(
            kind,
            payee_id,
            name,
            whose,
            fen,
            kind.label,
            account_id,
            None,
            None,
            holder or "",
            last4 or "",
            digest or "",
            bank or "",
            cnaps or "",
            _obstacle(state, flying),
            _flags(fen, six, account_id, paid_on, retries),
            retries,
        )
        if fen > 0:
            found.append(one)
        if fen < owed:
            waiting = min(owed, owed - fen)
            found.append(one._replace(fen=waiting, obstacle=Obstacle.BUYERS_OWE, flags=()))
    found.sort(key=lambda row: (row.whose, row.name, row.payee_id))
    return found


def _owed_now(kind: PayoutKind) -> Select[Any]:
    """One row per payee of a kind that is owed something, with all that decides about it."""
    owed = _standing(PAYABLE[kind])
    flying = (
        select(PayoutItem.payee_id)
        .where(PayoutItem.kind == kind, PayoutItem.state.in_(IN_FLIGHT))
        .subquery()
    )
    came_back = _came_back(kind).subquery()
    paid_on = last_accounts(kind)
    of_household = kind is PayoutKind.HOUSEHOLD
    payee = Household if of_household else Organisation
    payee_kind = PayeeKind.HOUSEHOLD if of_household else PayeeKind.ORGANISATION
    cooperative = aliased(Organisation)
    statement = (
        select(
            owed.c.owner_id,
            payee.name,
            cooperative.name if of_household else func.coalesce(None, ""),
            owed.c.fen,
            PayeeAccount.id,
            PayeeAccount.holder,
            PayeeAccount.number_last4,
            PayeeAccount.number_fingerprint,
            PayeeAccount.bank,
            PayeeAccount.cnaps,
            PayeeAccount.state,
            flying.c.payee_id,
            came_back.c.item_id,
            paid_on.c.account_id,
        )
        .select_from(owed)
        .join(payee, payee.id == owed.c.owner_id)
        .outerjoin(
            PayeeAccount,
            (PayeeAccount.payee_kind == payee_kind)
            & (PayeeAccount.payee_id == owed.c.owner_id)
            & (PayeeAccount.state != AccountState.REPLACED),
        )
        .outerjoin(flying, flying.c.payee_id == owed.c.owner_id)
        .outerjoin(came_back, came_back.c.payee_id == owed.c.owner_id)
        .outerjoin(paid_on, paid_on.c.payee_id == owed.c.owner_id)
    )
    if of_household:
        statement = statement.join(cooperative, cooperative.id == Household.cooperative_id)
    return statement


def _standing(kind: AccountKind) -> Subquery:
    """(owner_id, fen): the accounts of one kind in which something lies."""
    sides = [
        select(
            Account.owner_id.label("owner_id"),
            (sign * type_coerce(Transfer.amount, BigInteger)).label("fen"),
        )
        .join(Transfer, side == Account.id)
        .where(Account.kind == kind)
        for side, sign in ((Transfer.credit_id, 1), (Transfer.debit_id, -1))
    ]
    moved = union_all(*sides).subquery()
    fen = db.total(moved.c.fen)
    return (
        select(moved.c.owner_id, fen.label("fen"))
        .group_by(moved.c.owner_id)
        .having(fen > 0)
        .subquery()
    )


def _obstacle(state: AccountState | None, flying: int | None) -> Obstacle | None:
    if flying is not None:
        return Obstacle.IN_FLIGHT
    if state is None:
        return Obstacle.NO_ACCOUNT
    return None if state is AccountState.ACTIVE else Obstacle.ACCOUNT_REFUSED


def _came_back(
    kind: PayoutKind, payee: InstrumentedAttribute[Any] = PayoutItem.payee_id
) -> Select[Any]:
    """(payee_id, item_id): the latest item of each payee (or refund) that came back to us.

    Only those no other item pays again.
    """
    later = aliased(PayoutItem)
    return (
        select(payee.label("payee_id"), func.max(PayoutItem.id).label("item_id"))
        .where(
            PayoutItem.kind == kind,
            PayoutItem.state.in_(CAME_BACK),
            ~select(later.id).where(later.retries_id == PayoutItem.id).exists(),
        )
        .group_by(payee)
    )


def last_accounts(kind: PayoutKind) -> Subquery:
    """(payee_id, account_id): the account each payee of a kind was last paid on."""
    last = (
        select(func.max(PayoutItem.id))
        .where(
            PayoutItem.kind == kind,
            PayoutItem.state == ItemState.CONFIRMED,
            PayoutItem.account_id.is_not(None),
        )
        .group_by(PayoutItem.payee_id)
    )
    return (
        select(PayoutItem.payee_id, PayoutItem.account_id).where(PayoutItem.id.in_(last)).subquery()
    )


def _flags(
    fen: int, six: int, account_id: int | None, paid_on: int | None, retries: int | None
) -> tuple[Flag, ...]:
    """What stands out in one payment, against others of its kind and the payee's last one."""
    found = []
    if retries is not None:
        found.append(Flag.RETRY)
    if paid_on is not None and paid_on != account_id:
        found.append(Flag.NEW_ACCOUNT)
    if is_large(fen, six):
        found.append(Flag.LARGE)
    return tuple(found)


def _refunds(tx: Session) -> list[Ready]:
    live = select(PayoutItem.refund_id).where(
        PayoutItem.kind == PayoutKind.REFUND,
        PayoutItem.state.not_in((*CAME_BACK, ItemState.WITHDRAWN)),
    )
    rows = tx.execute(
        select(Refund, BankLine, Purchase.number, Organisation.name, User.name, PayeeAccount)
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .join(BankLine, BankLine.id == func.coalesce(Payment.bank_line_id, Refund.bank_line_id))
        .outerjoin(Order, Order.id == Refund.order_id)
        .outerjoin(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .outerjoin(
            PayeeAccount,
            (PayeeAccount.payee_kind == PayeeKind.REFUND)
            & (PayeeAccount.payee_id == Refund.id)
            & (PayeeAccount.state != AccountState.REPLACED),
        )
        .where(Refund.id.not_in(live))
        .order_by(Refund.number)
    ).all()
    came_back = {key: item for key, item in tx.execute(_came_back(PayoutKind.REFUND, _REFUND))}
    six = six_medians([refund.amount.fen for refund, *_ in rows]) if rows else 0
    found = []
    for refund, line, number, union, buyer, other in rows:
        retries = came_back.get(refund.id)
        where = _elsewhere(other) if other else _way_back(line)
        found.append(
            Ready(
                PayoutKind.REFUND,
                refund.order_id or NO_ORDER,
                union or buyer or line.counterparty,
                number or "",
                refund.amount.fen,
                f"退款 {refund.number}",
                other.id if other else None,
                None if other or where.obstacle else line.id,
                refund.id,
                *where,
                (
                    *((Flag.NEW_ACCOUNT,) if other else ()),
                    *_flags(refund.amount.fen, six, None, None, retries),
                ),
                retries,
            )
        )
    return found


_REFUND = PayoutItem.refund_id


class _Where(NamedTuple):
    """The account a refund would go to, as `Ready` has it, or why it waits."""

    holder: str
    last4: str
    digest: str
    bank: str
    cnaps: str
    obstacle: Obstacle | None


def _elsewhere(account: PayeeAccount) -> _Where:
    """Another account that two people entered for the refund."""
    return _Where(
        account.holder,
        account.number_last4,
        account.number_fingerprint,
        account.bank,
        account.cnaps,
        _obstacle(account.state, None),
    )


def _way_back(line: BankLine) -> _Where:
    """The account the money came from."""
    if not (line.account_last4 and line.counterparty):
        return _Where("", "", "", "", "", Obstacle.NO_ACCOUNT)
    digest = vault().fingerprint(number_of(line))
    return _Where(line.counterparty[:64], line.account_last4, digest, "", "", None)


def number_of(line: BankLine) -> str:
    """The account a bank line came from, digits alone."""
    opened = vault().open(line.account_sealed, place=line_place(line.public_id))
    return "".join(opened.split())
