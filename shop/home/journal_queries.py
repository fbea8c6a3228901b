"""The auditor's reading of the books: journals (凭证) and their transfers (划转)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind, JournalKind
from orders.payments.models import BankLine
from orders.payouts.models import PayoutBatch
from orders.purchasing.models import Order
from orders.shipments.models import Acceptance
from products.households.models import Household
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.clock import start_of
from shop.core.errors import NotFound
from shop.core.money import Money, total
from shop.core.permissions import Permission
from shop.home.audit_queries import PAGE
from shop.identity.models import User
from shop.organisations.models import Organisation
from shop.web.filters import mask


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which journals: days in Shanghai by effective time, both included."""

    since: date | None = None
    until: date | None = None
    kind: JournalKind | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A journal's header."""

    public_id: str
    kind: JournalKind
    about: str
    effective_at: datetime
    posted_at: datetime
    posted_by: str
    transfers: int
    total: Money


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account it is: words, and the public id where it has one."""

    words: str
    thing: str


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer with both accounts named."""

    journal_id: str
    kind: JournalKind
    about: str
    effective_at: datetime
    position: int
    debit: AccountKind
    debit_owner: Owner
    credit: AccountKind
    credit_owner: Owner
    amount: Money


@dataclass(frozen=True, slots=True)
class Journals:
    """A page of journals; `total_rows` and `total` are over all pages."""

    rows: tuple[JournalRow, ...]
    total_rows: int
    total: Money
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One journal, its transfers, and the journals it reverses or is reversed by."""

    row: JournalRow
    transfers: tuple[TransferRow, ...]
    transfers_total: Money
    reverses: str
    reversed_by: str


def journals(tx: Session, *, wanted: JournalFilter, page: int, actor: Actor) -> Journals:
    """A page of journals, the latest first.

    Raises:
        NotAllowed: the actor reads neither the log nor the platform's books.
    """
    require_reader(actor)
    conditions = _conditions(wanted)
    count, fen = tx.execute(
        select(func.count(), db.total(Journal.__table__.c.total_fen))
        .select_from(Journal)
        .where(*conditions)
    ).one()
    pages = max(1, -(-int(count) // PAGE))
    page = min(max(1, page), pages)
    rows = tx.execute(
        select(Journal, User.name)
        .outerjoin(User, User.id == Journal.posted_by_id)
        .where(*conditions)
        .order_by(Journal.effective_at.desc(), Journal.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    found = tuple(_row(journal, name) for journal, name in rows)
    return Journals(found, int(count), Money(int(fen)), page, pages)


def journal(tx: Session, *, journal_id: str, actor: Actor) -> JournalPage:
    """One journal with its transfers.

    Raises:
        NotFound: there is no such journal.
        NotAllowed: see `journals`.
    """
    require_reader(actor)
    found = tx.execute(
        select(Journal, User.name)
        .outerjoin(User, User.id == Journal.posted_by_id)
        .where(Journal.public_id == journal_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    header, name = found
    transfers = _transfers(tx, [Journal.id == header.id])
    reverses = tx.execute(
        select(Journal.public_id).where(Journal.id == header.reverses_id)
    ).scalar()
    reversed_by = tx.execute(
        select(Journal.public_id).where(Journal.reverses_id == header.id)
    ).scalar()
    return JournalPage(
        row=_row(header, name),
        transfers=tuple(transfers),
        transfers_total=total([one.amount for one in transfers]),
        reverses=reverses or "",
        reversed_by=reversed_by or "",
    )


def journals_about(tx: Session, *, thing: str, actor: Actor) -> list[JournalRow]:
    """The journals one thing caused, the eldest first; see `journals`."""
    require_reader(actor)
    rows = tx.execute(
        select(Journal, User.name)
        .outerjoin(User, User.id == Journal.posted_by_id)
        .where(Journal.about == thing)
        .order_by(Journal.id)
    )
    return [_row(header, name) for header, name in rows]


def all_transfers(tx: Session, *, wanted: JournalFilter, actor: Actor) -> list[TransferRow]:
    """Every transfer of the journals a filter finds, the eldest first; see `journals`."""
    require_reader(actor)
    return _transfers(tx, _conditions(wanted))


def require_reader(actor: Actor) -> None:
    """Auditors and those who read the platform's books pass.

    Raises:
        NotAllowed: neither.
    """
    if not actor.may(Permission.AUDIT_READ):
        actor.require(Permission.PLATFORM_READ)


def _conditions(wanted: JournalFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(Journal.effective_at >= start_of(wanted.since))
    if wanted.until:
        found.append(Journal.effective_at < start_of(wanted.until + timedelta(days=1)))
    if wanted.kind:
        found.append(Journal.kind == wanted.kind)
    if wanted.about:
        found.append(Journal.about == wanted.about)
    return found


def _row(header: Journal, posted_by: str | None) -> JournalRow:
    return JournalRow(
        public_id=header.public_id,
        kind=header.kind,
        about=header.about,
        effective_at=header.effective_at,
        posted_at=header.posted_at,
        posted_by=posted_by or "",
        transfers=header.transfer_count,
        total=header.total,
    )


def _transfers(tx: Session, conditions: list[ColumnElement[bool]]) -> list[TransferRow]:
    debit, credit = aliased(Account), aliased(Account)
    rows = tx.execute(
        select(
            Journal.public_id,
            Journal.kind,
            Journal.about,
            Journal.effective_at,
            Transfer.position,
            debit.kind,
            debit.owner_id,
            credit.kind,
            credit.owner_id,
            Transfer.amount,
        )
        .join(Transfer, Transfer.journal_id == Journal.id)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(*conditions)
        .order_by(Journal.id, Transfer.position)
    ).all()
    keys = {(row[5], row[6]) for row in rows} | {(row[7], row[8]) for row in rows}
    owners = _owners(tx, keys)
    return [
        TransferRow(
            journal_id=row[0],
            kind=row[1],
            about=row[2],
            effective_at=row[3],
            position=row[4],
            debit=row[5],
            debit_owner=owners.get((row[5], row[6]), NOBODY),
            credit=row[7],
            credit_owner=owners.get((row[7], row[8]), NOBODY),
            amount=row[9],
        )
        for row in rows
    ]


NOBODY = Owner("", "")

_K = AccountKind

#: Which table the owners of each kind of account are in, and what they are called.
_TABLES: dict[AccountKind, tuple[Any, Any]] = {
    _K.ESCROW: (Order, Order.number),
    _K.SUSPENSE: (BankLine, BankLine.serial),
    _K.BUYER_RECEIVABLE: (Acceptance, Acceptance.number),
    _K.LOT_POOL: (Lot, Lot.number),
    _K.HOUSEHOLD_PAYABLE: (Household, Household.name),
    _K.COOPERATIVE_PAYABLE: (Organisation, Organisation.name),
    _K.DUE_FROM_COOPERATIVE: (Organisation, Organisation.name),
    _K.RISK_RESERVE: (Organisation, Organisation.name),
    _K.CARRIER_PAYABLE: (Organisation, Organisation.name),
    _K.PAYOUT_IN_TRANSIT: (PayoutBatch, PayoutBatch.number),
    _K.REFUND_IN_TRANSIT: (Order, Order.number),
}


def _owners(
    tx: Session, keys: set[tuple[AccountKind, int]]
) -> dict[tuple[AccountKind, int], Owner]:
    """Names of account owners, one query per kind; households are masked."""
    by_kind: dict[AccountKind, set[int]] = defaultdict(set)
    for kind, owner_id in keys:
        if kind in _TABLES:
            by_kind[kind].add(owner_id)
    found: dict[tuple[AccountKind, int], Owner] = {}
    for kind, ids in by_kind.items():
        model, name = _TABLES[kind]
        statement = select(model.id, model.public_id, name)
        if len(ids) <= 500:
            statement = statement.where(model.id.in_(ids))
        for key, public_id, words in tx.execute(statement):
            shown = mask(words) if kind is _K.HOUSEHOLD_PAYABLE else words
            found[kind, key] = Owner(shown, public_id)
    return found
