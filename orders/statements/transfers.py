"""Down to the transfers: what one journal moved in the accounts of an organisation itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind as K
from orders.purchasing.models import Order
from orders.shipments.models import Acceptance
from orders.statements.party_queries import event
from orders.statements.where import READERS
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money, total
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation, OrganisationKind

#: Accounts that are an organisation's own, those of credit first.
_OWN = {
    OrganisationKind.COOPERATIVE: (K.COOPERATIVE_PAYABLE, K.DUE_FROM_COOPERATIVE),
    OrganisationKind.CARRIER: (K.CARRIER_PAYABLE,),
}


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer as the organisation sees it: above zero where it gains.

    `number` names the lot, order or acceptance whose account stood on the other side; `lot_id`
    and `order_id` are public, empty where it is none.
    """

    account: K
    other: K
    number: str
    lot_id: str
    order_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class JournalShown:
    """The transfers of one journal in the accounts of one organisation."""

    organisation_id: str
    kind: OrganisationKind
    name: str
    name_en: str
    journal_id: str
    event: str
    at: datetime
    reverses: bool
    rows: tuple[TransferRow, ...]

    @property
    def sum(self) -> Money:
        """What it gained by the journal."""
        return total([row.amount for row in self.rows])


def of_journal(tx: Session, organisation_id: str, journal_id: str, actor: Actor) -> JournalShown:
    """What a journal moved for a cooperative or carrier, transfer by transfer.

    Raises:
        NotFound: no such organisation or journal, it did not touch it, or not the actor's to see.
        NotAllowed: the actor does not read its statement.
    """
    mine = tx.execute(
        select(Organisation).where(
            Organisation.public_id == organisation_id, Organisation.kind.in_(list(_OWN))
        )
    ).scalar_one_or_none()
    journal = tx.execute(
        select(Journal).where(Journal.public_id == journal_id)
    ).scalar_one_or_none()
    if mine is None or journal is None:
        raise NotFound()
    if not actor.may(P.PLATFORM_READ):
        actor.require(READERS[mine.kind], mine.id)
    rows = _rows(tx, journal.id, mine)
    if not rows:
        raise NotFound()
    undone = journal.reverses_id and tx.get_one(Journal, journal.reverses_id).kind
    return JournalShown(
        mine.public_id,
        mine.kind,
        mine.name,
        mine.name_en,
        journal.public_id,
        event(undone or journal.kind),
        journal.effective_at,
        journal.reverses_id is not None,
        rows,
    )


def _rows(tx: Session, journal_key: int, mine: Organisation) -> tuple[TransferRow, ...]:
    own, other = aliased(Account), aliased(Account)
    entry = Transfer.__table__.c
    gains, fen = own.id == entry.credit_id, type_coerce(entry.amount_fen, BigInteger)
    found = tx.execute(
        select(
            own.kind.label("account"),
            other.kind.label("other"),
            func.coalesce(Lot.number, Order.number, Acceptance.number, "").label("number"),
            func.coalesce(Lot.public_id, "").label("lot_id"),
            func.coalesce(Order.public_id, "").label("order_id"),
            case((gains, fen), else_=-fen).label("fen"),
        )
        .select_from(Transfer)
        .join(own, or_(gains, own.id == entry.debit_id))
        .join(other, other.id == case((gains, entry.debit_id), else_=entry.credit_id))
        .outerjoin(Lot, (other.kind == K.LOT_POOL) & (Lot.id == other.owner_id))
        .outerjoin(
            Acceptance,
            (other.kind == K.BUYER_RECEIVABLE) & (Acceptance.id == other.owner_id),
        )
        .outerjoin(
            Order,
            (other.kind.in_((K.ESCROW, K.REFUND_IN_TRANSIT)) & (Order.id == other.owner_id))
            | (Order.id == Acceptance.order_id),
        )
        .where(
            entry.journal_id == journal_key,
            own.kind.in_(_OWN[mine.kind]),
            own.owner_id == mine.id,
        )
        .order_by(entry.id)
    )
    return tuple(
        TransferRow(
            row.account, row.other, row.number, row.lot_id, row.order_id, Money(int(row.fen))
        )
        for row in found
    )
