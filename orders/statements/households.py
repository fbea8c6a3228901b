"""Households' statements for a period, of one or of a whole village: a handful of statements.

Three figures stand apart and are never added up: leaf paid (已付鲜叶款), second payment
(二次返利), attributed sales (对应销售额). What is owed comes from the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger.states import AccountKind, JournalKind
from orders.payouts.models import PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from orders.statements import accounts
from orders.statements.accounts import Movement
from orders.statements.made import Made, made_of, within
from orders.statements.periods import Period
from orders.statements.sent_back import SentBack, carried, sent_back
from products.households.models import Household, Village
from products.lots.models import Delivery, Lot
from products.lots.states import LeafPayment, LotState
from products.traceability.rules import spelled
from shop.core import db
from shop.core.clock import day_of
from shop.core.money import ZERO, Money, total
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
    `sent_back` tells every return of its goods in the period; `covered` is what others bear for
    it now, since it was paid before goods came back.
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
    sent_back: tuple[SentBack, ...]
    covered: Money
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
    deliveries, made = brought(tx, keys, period), made_of(tx, keys, period)
    paid_out, card_of = _paid_out(tx, keys, period), cards(tx, keys)
    moved = accounts.movements(
        tx,
        [accounts.owned(AccountKind.HOUSEHOLD_PAYABLE, keys)],
        period,
    )
    on_the_way = _on_the_way(tx, keys)
    back, covered = sent_back(tx, keys, period), carried(tx, keys)
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
            tuple(deliveries[household.id]),
            tuple(made[household.id]),
            (tuple(back[household.id]), covered.get(household.id, ZERO)),
            tuple(paid_out[household.id]),
            moved.get(household.id, Movement()),
            on_the_way.get(household.id, ZERO),
            card_of.get(household.id, ("", False)),
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
    back: tuple[tuple[SentBack, ...], Money],
    paid_out: tuple[PaidOut, ...],
    moved: Movement,
    on_the_way: Money,
    card: tuple[str, bool],
) -> HouseholdPeriod:
    settled = moved.moved(JournalKind.SETTLEMENT)
    paid = -moved.moved(*accounts.PAID_OUT)
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
        sent_back=back[0],
        covered=back[1],
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


def brought(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[Brought]]:
    """What these households (internal keys) brought in a period, the earliest first."""
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


def cards(tx: Session, keys: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """The last four digits of each one's card, and whether the bank refused it."""
    rows = tx.execute(
        select(PayeeAccount.payee_id, PayeeAccount.number_last4, PayeeAccount.state).where(
            PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
            PayeeAccount.payee_id.in_(keys),
            PayeeAccount.state != AccountState.REPLACED,
        )
    )
    return {key: (last4, state is AccountState.REFUSED) for key, last4, state in rows}
