"""Households' statements for a period, of one or of a whole village: a handful of statements.

Three figures stand apart and are never added up: leaf paid (已付鲜叶款), second payment
(二次返利), attributed sales (对应销售额). What is owed comes from the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, select, type_coerce
from sqlalchemy.orm import Session

from orders.documents.attribution import pool_events
from orders.ledger.states import AccountKind, JournalKind
from orders.payouts.models import PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from orders.purchasing.models import Allocation
from orders.settlements.models import SettlementItem, SettlementRun
from orders.statements import accounts
from orders.statements.accounts import Movement
from orders.statements.periods import Period
from products.catalogue.models import Product, Specification
from products.households.models import Household, Village
from products.lots.models import Delivery, Lot, LotShare, StandingShare
from products.lots.states import LeafPayment, LotKind, LotState
from products.traceability.rules import spelled
from shop.core import db
from shop.core.clock import day_of
from shop.core.money import ZERO, Money, largest_remainder, total
from shop.organisations.models import Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState


@dataclass(frozen=True, slots=True)
class Brought:
    """One delivery: the lot it became, and whether it was paid at the gate or left to be sold."""

    lot_id: str
    number: str
    on: date
    name: str
    grade: str
    grams: int
    fen_per_kg: int
    value: Money
    payment: LeafPayment


@dataclass(frozen=True, slots=True)
class Made:
    """A packed lot with goods of a household, and what became of it in the period.

    `sold` and `returned` count units accepted and paid for, and units sent back; `waiting` those
    accepted that the buyer has not paid yet. `attributed` is no income.
    """

    lot_id: str
    number: str
    on: date
    name: str
    name_en: str
    unit: str
    unit_en: str
    units: int
    sold: int
    returned: int
    waiting: int
    attributed: Money
    second_payment: Money
    trace_code: str


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payment that reached the household's card in the period, and the journal of it."""

    item_id: str
    on: date
    amount: Money
    last4: str


@dataclass(frozen=True, slots=True)
class HouseholdPeriod:
    """What a household's statement says of a period.

    opening + settled − paid + other = closing, from the ledger: what is owed to it, on its way
    to the bank or not. `on_the_way` is the part of it approved and not answered by the bank now.
    `given_up` says that returns lowered what had not been paid yet.
    """

    household_id: str
    code: str
    name: str
    village: str
    cooperative: str
    cooperative_phone: str
    period: Period
    brought: tuple[Brought, ...]
    grams: int
    leaf_paid: Money
    consigned: Money
    made: tuple[Made, ...]
    second_payment: Money
    attributed: Money
    returned: int
    paid_out: tuple[PaidOut, ...]
    opening: Money
    settled: Money
    paid: Money
    other: Money
    closing: Money
    on_the_way: Money
    card_last4: str
    card_refused: bool


def read(tx: Session, keys: Sequence[int], period: Period) -> list[HouseholdPeriod]:
    """The statements of these households (internal keys), by their village and code.

    Reads the same few statements for one household and for a village.
    """
    brought, made = _brought(tx, keys, period), _made(tx, keys, period)
    paid_out, cards = _paid_out(tx, keys, period), _cards(tx, keys)
    moved = accounts.movements(
        tx,
        [
            accounts.owned(AccountKind.HOUSEHOLD_PAYABLE, keys),
            accounts.in_transit(PayoutKind.HOUSEHOLD, keys),
        ],
        period,
    )
    on_the_way = _on_the_way(tx, keys)
    rows = tx.execute(
        select(Household, Village, Organisation)
        .join(Village, Village.id == Household.village_id)
        .join(Organisation, Organisation.id == Household.cooperative_id)
        .where(Household.id.in_(keys))
        .order_by(Village.name, Household.code)
    )
    return [
        _statement(
            household,
            village,
            cooperative,
            period,
            tuple(brought[household.id]),
            tuple(made[household.id]),
            tuple(paid_out[household.id]),
            moved.get(household.id, Movement()),
            on_the_way.get(household.id, ZERO),
            cards.get(household.id, ("", False)),
        )
        for household, village, cooperative in rows
    ]


def _statement(
    household: Household,
    village: Village,
    cooperative: Organisation,
    period: Period,
    brought: tuple[Brought, ...],
    made: tuple[Made, ...],
    paid_out: tuple[PaidOut, ...],
    moved: Movement,
    on_the_way: Money,
    card: tuple[str, bool],
) -> HouseholdPeriod:
    settled = moved.moved(JournalKind.SETTLEMENT)
    paid = -moved.moved(JournalKind.PAYOUT_CONFIRMED)
    return HouseholdPeriod(
        household_id=household.public_id,
        code=spelled(household.code),
        name=household.name,
        village=f"{village.township}{village.name}",
        cooperative=cooperative.name,
        cooperative_phone=cooperative.phone,
        period=period,
        brought=brought,
        grams=sum(one.grams for one in brought),
        leaf_paid=total([d.value for d in brought if d.payment is LeafPayment.PAID]),
        consigned=total([d.value for d in brought if d.payment is not LeafPayment.PAID]),
        made=made,
        second_payment=total([one.second_payment for one in made]),
        attributed=total([one.attributed for one in made]),
        returned=sum(one.returned for one in made),
        paid_out=paid_out,
        opening=moved.opening,
        settled=settled,
        paid=paid,
        other=moved.closing - moved.opening - settled + paid,
        closing=moved.closing,
        on_the_way=on_the_way,
        card_last4=card[0],
        card_refused=card[1],
    )


def within(at: Any, period: Period) -> list[ColumnElement[bool]]:
    """The conditions that a moment lies in a period."""
    found: list[ColumnElement[bool]] = []
    if period.begins:
        found.append(at >= period.begins)
    if period.ends:
        found.append(at < period.ends)
    return found


def _brought(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[Brought]]:
    rows = tx.execute(
        select(
            Delivery.household_id,
            Lot.public_id,
            Lot.number,
            Delivery.weighed_at,
            Lot.name,
            Lot.grade,
            Delivery.net_grams,
            Delivery.fen_per_kg,
            Delivery.value,
            Delivery.payment,
        )
        .join(Lot, Lot.id == Delivery.lot_id)
        .where(
            Delivery.household_id.in_(keys),
            Lot.state == LotState.RECORDED,
            *within(Delivery.weighed_at, period),
        )
        .order_by(Delivery.weighed_at, Delivery.id)
    )
    found: dict[int, list[Brought]] = defaultdict(list)
    for household_id, lot_id, number, at, *rest in rows:
        found[household_id].append(Brought(lot_id, number, day_of(at), *rest))
    return found


def _made(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[Made]]:
    """The packed lots of these households that were packed, sold or settled in the period."""
    theirs = (
        select(Lot.id)
        .join(LotShare, and_(LotShare.lot_id == Lot.id, LotShare.version == Lot.share_version))
        .where(
            LotShare.household_id.in_(keys),
            Lot.kind == LotKind.PACKED,
            Lot.state == LotState.RECORDED,
        )
    )
    settled = _settled(tx, keys, period)
    # A household that a correction took out of a lot keeps what was settled there.
    lot_keys = sorted(set(tx.execute(theirs).scalars()) | {lot for lot, _household in settled})
    sold = _sold(tx, lot_keys, period)
    shared = _attributed(tx, sold, set(keys))
    behind = _behind(tx, keys, lot_keys)
    for lot_id, household_id in settled:
        behind[lot_id].add(household_id)
    rows = tx.execute(
        select(Lot, Product, Specification)
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .where(Lot.id.in_(lot_keys))
        .order_by(Lot.made_at, Lot.id)
    )
    found: dict[int, list[Made]] = defaultdict(list)
    for lot, product, packing in rows:
        units = sold.get(lot.id, _NOTHING)
        packed_now = (period.begins is None or lot.made_at >= period.begins) and (
            period.ends is None or lot.made_at < period.ends
        )
        for household_id in sorted(behind[lot.id]):
            second = settled.get((lot.id, household_id), ZERO)
            if packed_now or units.sold or units.returned or second:
                found[household_id].append(
                    Made(
                        lot_id=lot.public_id,
                        number=lot.number,
                        on=day_of(lot.made_at),
                        name=f"{product.name} {packing.name}",
                        name_en=f"{product.name_en} {packing.name_en}",
                        unit=packing.unit,
                        unit_en=packing.unit_en,
                        units=lot.units,
                        sold=units.sold,
                        returned=units.returned,
                        waiting=units.waiting,
                        attributed=shared.get((lot.id, household_id), ZERO),
                        second_payment=second,
                        trace_code=lot.trace_code or "",
                    )
                )
    return found


@dataclass(frozen=True, slots=True)
class _Sold:
    """Units of a lot in a period, and the cumulative full price before and after it."""

    sold: int
    returned: int
    before: Money
    after: Money
    waiting: int


_NOTHING = _Sold(0, 0, ZERO, ZERO, 0)


def _sold(tx: Session, lots: Sequence[int], period: Period) -> dict[int, _Sold]:
    events = pool_events(select(Lot.id).where(Lot.id.in_(lots)))
    now = and_(literal(value=True), *within(events.c.at, period))
    earlier = events.c.at < period.begins if period.begins else literal(value=False)
    until = events.c.at < period.ends if period.ends else literal(value=True)

    def units(*conditions: Any) -> Any:
        return db.total(case((and_(*conditions), events.c.units), else_=0))

    def price(condition: Any) -> Any:
        return db.total(case((condition, events.c.price_fen), else_=0))

    rows = tx.execute(
        select(
            events.c.lot_id,
            units(now, events.c.units > 0),
            units(now, events.c.units < 0),
            price(earlier),
            price(until),
            db.total(events.c.units),
        ).group_by(events.c.lot_id)
    ).all()
    kept = _kept(tx, lots)
    found = {
        lot_id: _Sold(
            int(sold), -int(back), Money(int(before)), Money(int(after)), kept[lot_id] - int(paid)
        )
        for lot_id, sold, back, before, after, paid in rows
    }
    for lot_id, some in kept.items():
        if lot_id not in found and some:
            found[lot_id] = _Sold(0, 0, ZERO, ZERO, some)
    return found


def _kept(tx: Session, lots: Sequence[int]) -> dict[int, int]:
    """Units of each lot accepted and not sent back, paid for or not."""
    rows = tx.execute(
        select(Allocation.lot_id, db.total(Allocation.accepted_units - Allocation.returned_units))
        .where(Allocation.lot_id.in_(lots))
        .group_by(Allocation.lot_id)
    )
    return {lot_id: int(units) for lot_id, units in rows}


def _attributed(
    tx: Session, sold: dict[int, _Sold], keys: set[int]
) -> dict[tuple[int, int], Money]:
    """By lot and household, its share of the full price after the period less that before it."""
    moved = [lot for lot, units in sold.items() if units.before != units.after]
    rows = tx.execute(
        select(
            StandingShare.lot_id,
            StandingShare.household_id,
            type_coerce(StandingShare.value, BigInteger),
        )
        .join(Household, Household.id == StandingShare.household_id)
        .where(StandingShare.lot_id.in_(moved))
        .order_by(StandingShare.lot_id, Household.public_id)
    )
    weights: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lot_id, household_id, weight in rows:
        weights[lot_id].append((household_id, weight))
    found = {}
    for lot_id, behind in weights.items():
        units, of = sold[lot_id], [weight for _household, weight in behind]
        nothing = [ZERO] * len(of)
        before = largest_remainder(max(units.before, ZERO), of) if units.before else nothing
        after = largest_remainder(max(units.after, ZERO), of)
        for (household_id, _weight), first, last in zip(behind, before, after, strict=True):
            if household_id in keys:
                found[lot_id, household_id] = last - first
    return found


def _behind(tx: Session, keys: Sequence[int], lots: Sequence[int]) -> dict[int, set[int]]:
    rows = tx.execute(
        select(StandingShare.lot_id, StandingShare.household_id).where(
            StandingShare.lot_id.in_(lots), StandingShare.household_id.in_(keys)
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for lot_id, household_id in rows:
        found[lot_id].add(household_id)
    return found


def _settled(tx: Session, keys: Sequence[int], period: Period) -> dict[tuple[int, int], Money]:
    """Second payments that runs posted in the period, by lot and household."""
    rows = tx.execute(
        select(
            SettlementItem.lot_id,
            SettlementItem.household_id,
            db.total(SettlementItem.__table__.c.second_payment_fen),
        )
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(SettlementItem.household_id.in_(keys), *within(SettlementRun.posted_at, period))
        .group_by(SettlementItem.lot_id, SettlementItem.household_id)
    )
    return {(lot_id, household_id): Money(int(fen)) for lot_id, household_id, fen in rows}


def _paid_out(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[PaidOut]]:
    rows = tx.execute(
        select(PayoutItem)
        .where(
            PayoutItem.kind == PayoutKind.HOUSEHOLD,
            PayoutItem.payee_id.in_(keys),
            PayoutItem.state == ItemState.CONFIRMED,
            *within(PayoutItem.decided_at, period),
        )
        .order_by(PayoutItem.decided_at, PayoutItem.id)
    ).scalars()
    found: dict[int, list[PaidOut]] = defaultdict(list)
    for item in rows:
        assert item.decided_at is not None
        found[item.payee_id].append(
            PaidOut(item.public_id, day_of(item.decided_at), item.amount, item.number_last4)
        )
    return found


def _on_the_way(tx: Session, keys: Sequence[int]) -> dict[int, Money]:
    rows = tx.execute(
        select(PayoutItem.payee_id, db.total(PayoutItem.__table__.c.amount_fen))
        .where(
            PayoutItem.kind == PayoutKind.HOUSEHOLD,
            PayoutItem.payee_id.in_(keys),
            PayoutItem.state.in_((ItemState.IN_TRANSIT, ItemState.UNKNOWN)),
        )
        .group_by(PayoutItem.payee_id)
    )
    return {key: Money(int(fen)) for key, fen in rows}


def _cards(tx: Session, keys: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """The last four digits of each one's card, and whether the bank refused it."""
    rows = tx.execute(
        select(PayeeAccount.payee_id, PayeeAccount.number_last4, PayeeAccount.state).where(
            PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
            PayeeAccount.payee_id.in_(keys),
            PayeeAccount.state != AccountState.REPLACED,
        )
    )
    return {key: (last4, state is AccountState.REFUSED) for key, last4, state in rows}
