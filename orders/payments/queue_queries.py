"""The queue of money that waits for a person: which, how long, what it may be, what was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind
from orders.payments import booking
from orders.payments.models import BankLine, Payment
from orders.payments.open_amounts import claims, open_orders
from orders.payments.queries import LineRow, line_rows
from orders.payments.rules import Claim, Finding, another_payer, decide
from orders.payments.states import BuyerWish, LineState
from orders.payments.suggestions import Suggestion, suggestions
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import PurchaseState
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.clock import day_of
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.core.reference import find_references, read_reference

PAGE = 50


class NoSuchPurchase(Refusal):
    """Nothing is called what was typed."""

    code = "no_such_purchase"
    sentence = N_("没有这张采购单。请填采购单号（CG 开头）或九位识别码。")
    status = 422
    field = "purchase"


class Which(Labelled):
    """Which of the waiting lines are asked for."""

    ALL = "all", N_("全部")
    NAMED = "named", N_("认得采购单、金额不对的")
    UNNAMED = "unnamed", N_("没有认出采购单的")
    WISHED = "wished", N_("采购单位已表态的")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue is filtered by: `text` in the payer's name or memo, `days` of age at least."""

    which: Which = Which.ALL
    text: str = ""
    days: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line in the queue: what of it waits and since when, what its memo says, what it may be for.

    `named` is the purchase its code names, with what it waits for; `buyer` who should have paid,
    where it was another.
    """

    line: LineRow
    left: Money
    days: int
    finding: Finding
    number: str
    named: Named | None
    buyer: str
    wish: BuyerWish | None
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The purchase a line names, and how far the line is from what it waits for."""

    purchase_id: str
    number: str
    open: Money
    missing: Money
    excess: Money
    payable: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue; `count` and `money` are of all that fits the filter."""

    rows: tuple[Waiting, ...]
    count: int
    money: Money
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Matched:
    """One match of a line that stands: its journal (by public id), to whom, how much."""

    journal_id: str
    numbers: tuple[str, ...]
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Picked:
    """Purchases chosen together for one line, and whether the sums agree."""

    purchases: tuple[tuple[str, str, Money], ...]
    due: Money
    left: Money

    @property
    def agrees(self) -> bool:
        """Whether they wait for exactly what of the line is left."""
        return bool(self.purchases) and self.due == self.left


@dataclass(frozen=True, slots=True)
class LinePage:
    """One line, what can be done with it, and what was done."""

    line: LineRow
    waiting: Waiting | None
    matched: tuple[Matched, ...]
    may_match: bool
    may_book_fee: bool
    history: tuple[Act, ...]


def queue(tx: Session, actor: Actor, now: datetime, asked: Asked | None = None) -> QueuePage:
    """The money that waits for its purchase, oldest first, with suggestions."""
    actor.require(Permission.BANK_MATCH)
    asked = asked or Asked()
    which = _conditions(asked, now)
    count, money = _sum(tx, which)
    pages = max(1, -(-count // PAGE))
    page = min(max(asked.page, 1), pages)
    lines = tx.execute(
        select(BankLine)
        .where(*which)
        .order_by(BankLine.at, BankLine.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).scalars()
    rows = _waiting(tx, list(lines), actor, now)
    return QueuePage(tuple(rows), count, money, page, pages)


def _sum(tx: Session, which: list[ColumnElement[bool]]) -> tuple[int, Money]:
    """How many lines fit, and what of them lies in suspense, whatever took the rest out of it."""
    count = tx.execute(select(func.count()).select_from(BankLine).where(*which)).scalar_one()
    accounts = select(Account.id).where(
        Account.kind == AccountKind.SUSPENSE,
        Account.owner_id.in_(select(BankLine.id).where(*which)),
    )
    came, went = (
        tx.execute(
            select(db.total(type_coerce(Transfer.amount, BigInteger))).where(side.in_(accounts))
        ).scalar_one()
        for side in (Transfer.credit_id, Transfer.debit_id)
    )
    return count, Money(int(came) - int(went))


def _conditions(asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [
        BankLine.state == LineState.SUSPENSE,
        BankLine.undone.is_(False),
    ]
    if asked.which is Which.NAMED:
        which.append(BankLine.purchase_id.is_not(None))
    elif asked.which is Which.UNNAMED:
        which.append(BankLine.purchase_id.is_(None))
    elif asked.which is Which.WISHED:
        which.append(BankLine.wish.is_not(None))
    if asked.days > 0:
        which.append(BankLine.at <= now - timedelta(days=asked.days))
    if asked.text.strip():
        text = asked.text.strip()
        which.append(
            or_(
                BankLine.counterparty.contains(text, autoescape=True),
                BankLine.memo.contains(text, autoescape=True),
                BankLine.account_last4 == text,
            )
        )
    return which


def unexplained(tx: Session, actor: Actor) -> list[LineRow]:
    """The debits nobody has explained, oldest first."""
    actor.require(Permission.BANK_MATCH)
    lines = tx.execute(
        select(BankLine)
        .where(BankLine.state == LineState.UNEXPLAINED, BankLine.undone.is_(False))
        .order_by(BankLine.at, BankLine.id)
        .limit(2 * PAGE)
    ).scalars()
    return line_rows(tx, list(lines), actor)


def _waiting(tx: Session, lines: Sequence[BankLine], actor: Actor, now: datetime) -> list[Waiting]:
    left = booking.remaining(tx, [line.id for line in lines])
    named = claims(tx, {code for line in lines for code in find_references(line.memo)})
    ids = _public_ids(tx, [claim.purchase_id for claim in named.values()])
    likely = suggestions(tx, lines, left)
    found = []
    for line, row in zip(lines, line_rows(tx, lines, actor), strict=True):
        decision = decide([(left[line.id], line.memo)], named, {})[0]
        theirs = decision.claims or ((decision.claim,) if decision.claim else ())
        names = sorted({claim.buyer for claim in theirs})
        found.append(
            Waiting(
                line=row,
                left=left[line.id],
                days=(day_of(now) - day_of(line.at)).days,
                finding=decision.finding,
                number=decision.number,
                named=_named(decision.claim, left[line.id], ids) if decision.claim else None,
                buyer="、".join(names) if another_payer(names, line.counterparty) else "",
                wish=line.wish,
                suggestions=likely[line.id],
            )
        )
    return found


def _named(claim: Claim, left: Money, ids: dict[int, str]) -> Named:
    return Named(
        ids[claim.purchase_id],
        claim.number,
        claim.open,
        max(ZERO, claim.open - left),
        max(ZERO, left - claim.open),
        claim.payable,
    )


def _public_ids(tx: Session, keys: Sequence[int]) -> dict[int, str]:
    rows = tx.execute(select(Purchase.id, Purchase.public_id).where(Purchase.id.in_(keys)))
    return {key: public_id for key, public_id in rows}


def line(tx: Session, line_id: str, actor: Actor, now: datetime) -> LinePage:
    """One line, what it may be for, and its history.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(select(BankLine).where(BankLine.public_id == line_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    may = actor.may(Permission.BANK_MATCH) and not found.undone
    waiting = None
    if may and found.state is LineState.SUSPENSE:
        waiting = _waiting(tx, [found], actor, now)[0]
    return LinePage(
        line=line_rows(tx, [found], actor)[0],
        waiting=waiting,
        matched=tuple(_matched(tx, found.id)),
        may_match=may,
        may_book_fee=may and found.state is LineState.UNEXPLAINED,
        history=tuple(history(tx, line_id)),
    )


def _matched(tx: Session, line_key: int) -> list[Matched]:
    rows = tx.execute(
        select(Journal.public_id, Purchase.number, Payment.amount, Journal.posted_at)
        .join(Payment, Payment.journal_id == Journal.id)
        .join(Order, Order.id == Payment.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Payment.bank_line_id == line_key, Payment.undone.is_(False))
        .order_by(Journal.id, Payment.id)
    )
    by_journal: dict[str, list[tuple[str, Money, datetime]]] = defaultdict(list)
    for journal_id, number, amount, at in rows:
        by_journal[journal_id].append((number, amount, at))
    return [
        Matched(
            journal_id,
            tuple(dict.fromkeys(number for number, _amount, _at in parts)),
            total([amount for _number, amount, _at in parts]),
            parts[0][2],
        )
        for journal_id, parts in by_journal.items()
    ]


def picked(tx: Session, purchase_ids: Sequence[str], left: Money, actor: Actor) -> Picked:
    """The sum of what chosen purchases wait for, beside what of a line is left."""
    actor.require(Permission.BANK_MATCH)
    rows = tx.execute(
        select(Purchase.id, Purchase.public_id, Purchase.number)
        .where(Purchase.public_id.in_(purchase_ids), Purchase.state == PurchaseState.APPROVED)
        .order_by(Purchase.public_id)
    ).all()
    waiting = open_orders(tx, [key for key, _public, _number in rows])
    chosen = tuple(
        (public_id, number, total([order.open for order in waiting[key]]))
        for key, public_id, number in rows
    )
    return Picked(chosen, total([due for _public, _number, due in chosen]), left)


def purchase_named(tx: Session, typed: str, actor: Actor) -> str:
    """The public id of the purchase that a person names by number or reference code.

    Raises:
        NoSuchPurchase: nothing is called that.
    """
    actor.require(Permission.BANK_MATCH)
    name = typed.strip()
    found = tx.execute(
        select(Purchase.public_id).where(
            or_(
                Purchase.number == name.upper(),
                Purchase.reference == (read_reference(name) or ""),
            )
        )
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchPurchase()
    return found
