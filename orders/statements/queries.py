"""Reading a household's statement (对账单), to the fen, from what other parts wrote down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from orders.settlements.models import SettlementItem
from orders.statements import households, sales
from orders.statements.households import Brought
from orders.statements.periods import ALL
from orders.statements.rules import Headline, headline
from orders.statements.sent_back import SentBack, carried, sent_back
from products.households.models import Household, HouseholdReport, Village
from products.households.states import ReportState
from products.lots.models import Lot, LotShare
from products.lots.states import LeafPayment
from products.traceability.rules import spelled
from products.traceability.slots import LotMoney
from shop.core import db
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Sold:
    """What one packed lot earned this household: its second payment and its attributed sales."""

    lot_id: str
    number: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    units: int
    sold_units: int
    second_payment: Money
    attributed: Money


@dataclass(frozen=True, slots=True)
class PaidOut:
    """One payment to the household's card, or the attempt."""

    on: date
    amount: Money
    last4: str
    state: ItemState
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the household said is wrong, and the answer."""

    on: date
    words: str
    answer: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything on a household's statement.

    `leaf_paid`, `second_payment` and `attributed` are three figures that are never added up.
    `brought` has the latest first. `unsold` is the agreed value of consigned goods that no buyer
    has accepted yet. `covered` is what others bear for it now, since it was paid before goods came
    back.
    """

    household_id: str
    code: str
    name: str
    village: str
    cooperative: str
    cooperative_phone: str
    as_of: datetime
    headline: Headline
    owed: Money
    card_last4: str | None
    card_refused: bool
    brought: tuple[Brought, ...]
    brought_grams: int
    sold: tuple[Sold, ...]
    sent_back: tuple[SentBack, ...]
    covered: Money
    unsold: tuple[sales.Unsold, ...]
    unsold_value: Money
    paid_out: tuple[PaidOut, ...]
    paid_out_total: Money
    leaf_paid: Money
    second_payment: Money
    attributed: Money
    reports: tuple[Report, ...]


def statement(tx: Session, *, household_id: str, actor: Actor, now: datetime) -> Statement:
    """The statement of one household, for itself or for those of its cooperative who may read it.

    Raises:
        NotFound: no such household, or neither the actor's own nor of the actor's cooperative.
        NotAllowed: the actor's roles there do not include reading households.
    """
    row = tx.execute(
        select(Household, Village, Organisation)
        .join(Village, Village.id == Household.village_id)
        .join(Organisation, Organisation.id == Household.cooperative_id)
        .where(Household.public_id == household_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    household, village, cooperative = row
    if actor.household_id != household.id:
        actor.require(Permission.HOUSEHOLD_READ, household.cooperative_id)
    brought = tuple(reversed(households.brought(tx, [household.id], ALL)[household.id]))
    sold = _sold(tx, household.id)
    unsold = sales.unsold(tx, household.id)
    paid_out = _paid_out(tx, household.id)
    card_last4, card_refused = households.cards(tx, [household.id]).get(household.id, (None, False))
    owed = posting.balance(tx, AccountKind.HOUSEHOLD_PAYABLE, household.id)
    moving = [i for i in paid_out if i.state in (ItemState.IN_TRANSIT, ItemState.UNKNOWN)]
    arrived = [item for item in paid_out if item.state is ItemState.CONFIRMED]
    return Statement(
        household_id=household.public_id,
        code=spelled(household.code),
        name=household.name,
        village=f"{village.township}{village.name}",
        cooperative=cooperative.name,
        cooperative_phone=cooperative.phone,
        as_of=now,
        headline=headline(
            owed=owed,
            on_the_way=total([item.amount for item in moving]),
            on_the_way_last4=moving[0].last4 if moving else "",
            card_last4=card_last4,
            card_refused=card_refused,
            last_paid=(arrived[0].amount, arrived[0].on, arrived[0].last4) if arrived else None,
            today=day_of(now),
        ),
        owed=owed,
        card_last4=card_last4,
        card_refused=card_refused,
        brought=brought,
        brought_grams=sum(one.grams for one in brought),
        sold=sold,
        sent_back=tuple(reversed(sent_back(tx, [household.id], ALL)[household.id])),
        covered=carried(tx, [household.id]).get(household.id, ZERO),
        unsold=unsold,
        unsold_value=total([one.value for one in unsold]),
        paid_out=paid_out,
        paid_out_total=total([item.amount for item in arrived]),
        leaf_paid=total([d.value for d in brought if d.payment is LeafPayment.PAID]),
        second_payment=total([one.second_payment for one in sold]),
        attributed=total([one.attributed for one in sold]),
        reports=_reports(tx, household.id),
    )


def actor_of(tx: Session, household_id: str) -> Actor:
    """The household itself as an actor, after its code and PIN have been checked."""
    row = tx.execute(
        select(Household.id, Household.name).where(Household.public_id == household_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return Actor(key=household_id, name=row.name, household_id=row.id)


def lot_money(tx: Session, lot_id: int) -> LotMoney | None:
    """What the households behind a lot had from it together; fills the trace page's slot."""
    earned = sales.of_lots(tx, [lot_id]).get(lot_id)
    if earned is None:
        return None
    leaf = tx.execute(
        select(db.total(LotShare.__table__.c.paid_fen))
        .join(Lot, and_(Lot.id == LotShare.lot_id, Lot.share_version == LotShare.version))
        .where(Lot.id == lot_id)
    ).scalar_one()
    second = tx.execute(
        select(db.total(SettlementItem.__table__.c.second_payment_fen)).where(
            SettlementItem.lot_id == lot_id
        )
    ).scalar_one()
    return LotMoney(earned.units, Money(int(leaf)), Money(int(second)), earned.revenue)


def _sold(tx: Session, household_key: int) -> tuple[Sold, ...]:
    """Per packed lot with this household's goods: sold units, second payment, attributed sales."""
    behind = sales.packed_lots(tx, household_key)
    earned = sales.of_lots(tx, [lot.id for lot in behind])
    attributed = sales.attributed(tx, earned, household_key)
    second = {
        lot_id: Money(int(fen))
        for lot_id, fen in tx.execute(
            select(
                SettlementItem.lot_id,
                db.total(SettlementItem.__table__.c.second_payment_fen),
            )
            .where(SettlementItem.household_id == household_key)
            .group_by(SettlementItem.lot_id)
        )
    }
    return tuple(
        Sold(
            lot_id=lot.public_id,
            number=lot.number,
            name=lot.name,
            name_en=lot.name_en,
            unit=lot.unit,
            unit_en=lot.unit_en,
            units=lot.units,
            sold_units=earned[lot.id].units if lot.id in earned else 0,
            second_payment=second.get(lot.id, ZERO),
            attributed=attributed.get(lot.id, ZERO),
        )
        for lot in behind
    )


def _paid_out(tx: Session, household_key: int) -> tuple[PaidOut, ...]:
    """Payments that left or tried to, the latest first; drafts and withdrawn ones are nobody's."""
    at = func.coalesce(PayoutItem.decided_at, PayoutBatch.approved_at)
    rows = tx.execute(
        select(PayoutItem, PayoutBatch.approved_at, PayoutBatch.drafted_at)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(
            PayoutItem.kind == PayoutKind.HOUSEHOLD,
            PayoutItem.payee_id == household_key,
            PayoutItem.state.not_in([ItemState.DRAFT, ItemState.WITHDRAWN]),
        )
        .order_by(at.desc(), PayoutItem.id.desc())
    )
    return tuple(
        PaidOut(
            on=day_of(item.decided_at or approved_at or drafted_at),
            amount=item.amount,
            last4=item.number_last4,
            state=item.state,
            reason=item.reason,
        )
        for item, approved_at, drafted_at in rows
    )


def _reports(tx: Session, household_key: int) -> tuple[Report, ...]:
    rows = tx.execute(
        select(HouseholdReport)
        .where(HouseholdReport.household_id == household_key)
        .order_by(HouseholdReport.at.desc())
        .limit(5)
    ).scalars()
    return tuple(
        Report(day_of(r.at), r.words, r.answer, answered=r.state is ReportState.ANSWERED)
        for r in rows
    )
