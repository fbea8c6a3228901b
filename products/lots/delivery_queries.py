"""Reading weigh-ins: the slip, the day ledger, and what the weigher is likely to need next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from products.catalogue.states import Category
from products.certificates.states import CertificateSource
from products.households.models import Household, Plot, Village
from products.households.queries import plots_of
from products.households.rows import PlotRow
from products.lots.models import Delivery, Lot
from products.lots.states import LeafPayment, LotState
from shop.core.actors import Actor
from shop.core.clock import SHANGHAI, day_of, start_of
from shop.core.errors import NotFound
from shop.core.money import Money, total
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation

RECENT = 8
MATCHES = 20


@dataclass(frozen=True, slots=True)
class Sums:
    """How many weigh-ins, how many grams, how much agreed value."""

    count: int
    grams: int
    value: Money


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One weigh-in on the day ledger."""

    lot_id: str
    number: str
    state: LotState
    weighed_at: datetime
    household: str
    village: str
    category: Category
    name: str
    grade: str
    grams: int
    fen_per_kg: int
    value: Money
    payment: LeafPayment
    certificate: str
    certificate_source: CertificateSource
    weigher: str | None
    replaces: str | None

    @property
    def day(self) -> date:
        """The Shanghai day it was weighed on, by which the ledger finds it."""
        return day_of(self.weighed_at)

    @property
    def time(self) -> str:
        """The time of day in Shanghai, to the minute."""
        return f"{self.weighed_at.astimezone(SHANGHAI):%H:%M}"

    @property
    def collected(self) -> str:
        """The number of the certificate the household brought, if it did."""
        brought = self.certificate_source is CertificateSource.COLLECTED
        return self.certificate if brought else ""

    @property
    def counts(self) -> bool:
        """Whether it stands; a voided one is listed and not counted."""
        return self.state is LotState.RECORDED


@dataclass(frozen=True, slots=True)
class DayLedger:
    """All weigh-ins of one day (收购日账), with what was paid on the spot and what was not."""

    day: date
    rows: tuple[DeliveryRow, ...]
    paid: Sums
    consignment: Sums
    both: Sums
    voided: int

    @property
    def before(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slip:
    """One weigh-in as the household takes it home."""

    delivery: DeliveryRow
    household_id: str
    code: str
    plot: str | None
    used_grams: int
    replaced_by: str | None
    replaced_by_number: str | None
    cooperative: str
    cooperative_phone: str

    @property
    def can_change(self) -> bool:
        """Whether it may still be corrected or voided."""
        return self.delivery.counts and self.used_grams == 0


@dataclass(frozen=True, slots=True)
class HouseholdChip:
    """A household to weigh for."""

    public_id: str
    name: str
    village: str
    code: str


@dataclass(frozen=True, slots=True)
class GoodsChip:
    """Goods as they were weighed lately."""

    category: Category
    name: str
    grade: str
    fen_per_kg: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What the weigher has in front: one household, its plots, recent goods.

    `last` is what this household brought last, else what anybody did.
    """

    household: HouseholdChip
    plots: tuple[PlotRow, ...]
    last: GoodsChip | None
    goods: tuple[GoodsChip, ...]


def day_ledger(tx: Session, cooperative_id: int, actor: Actor, day: date) -> DayLedger:
    """The weigh-ins of one Shanghai day, in the order of weighing.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.DELIVERY_WEIGH, cooperative_id)
    found = tx.execute(
        _deliveries()
        .where(
            Lot.cooperative_id == cooperative_id,
            Delivery.weighed_at >= start_of(day),
            Delivery.weighed_at < start_of(day + timedelta(days=1)),
        )
        .order_by(Delivery.weighed_at, Delivery.id)
    )
    rows = tuple(DeliveryRow(*row) for row in found)
    standing = [row for row in rows if row.counts]
    return DayLedger(
        day=day,
        rows=rows,
        paid=_sums([row for row in standing if row.payment is LeafPayment.PAID]),
        consignment=_sums([row for row in standing if row.payment is LeafPayment.CONSIGNMENT]),
        both=_sums(standing),
        voided=len(rows) - len(standing),
    )


def slip(tx: Session, lot_id: str, actor: Actor) -> Slip:
    """One weigh-in, for its slip and for correcting it.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor weighs or reads lots there.
    """
    later, later_lot = aliased(Delivery), aliased(Lot)
    found = tx.execute(
        _deliveries()
        .outerjoin(Plot, Plot.id == Delivery.plot_id)
        .outerjoin(later, later.replaces_id == Delivery.id)
        .outerjoin(later_lot, later_lot.id == later.lot_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Lot.public_id == lot_id)
        .add_columns(
            Household.public_id,
            Household.code,
            Plot.name,
            Lot.used_grams,
            later_lot.public_id,
            later_lot.number,
            Organisation.name,
            Organisation.phone,
            Organisation.id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    width = len(DeliveryRow.__dataclass_fields__)
    *facts, cooperative_id = found[width:]
    if not actor.may(P.DELIVERY_WEIGH, cooperative_id):
        actor.require(P.LOT_READ, cooperative_id)
    return Slip(DeliveryRow(*found[:width]), *facts)


def recent_households(tx: Session, cooperative_id: int, actor: Actor) -> tuple[HouseholdChip, ...]:
    """The households weighed last, the latest first.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.DELIVERY_WEIGH, cooperative_id)
    rows = tx.execute(
        select(Household.public_id, Household.name, Village.name, Household.code)
        .join(Village, Village.id == Household.village_id)
        .join(Delivery, Delivery.household_id == Household.id)
        .where(Household.cooperative_id == cooperative_id)
        .group_by(Household.id, Village.name)
        .order_by(func.max(Delivery.id).desc())
        .limit(RECENT)
    )
    return tuple(HouseholdChip(*row) for row in rows)


def find_households(
    tx: Session, cooperative_id: int, actor: Actor, words: str
) -> tuple[HouseholdChip, ...]:
    """Households whose name or village contains the words, or whose code it is; at most twenty.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.DELIVERY_WEIGH, cooperative_id)
    part = words.strip()
    rows = tx.execute(
        select(Household.public_id, Household.name, Village.name, Household.code)
        .join(Village, Village.id == Household.village_id)
        .where(
            Household.cooperative_id == cooperative_id,
            or_(
                Household.name.contains(part, autoescape=True),
                Village.name.contains(part, autoescape=True),
                Household.code == part.upper(),
            ),
        )
        .order_by(Village.name, Household.name, Household.id)
        .limit(MATCHES)
    )
    return tuple(HouseholdChip(*row) for row in rows)


def scale(tx: Session, household_id: str, cooperative_id: int, actor: Actor) -> Scale:
    """One household on the scale, with its plots and the goods weighed lately.

    Raises:
        NotFound: there is none in this cooperative, or not the actor's to see.
        NotAllowed: the actor may not weigh there.
    """
    actor.require(P.DELIVERY_WEIGH, cooperative_id)
    found = tx.execute(
        select(Household.id, Household.public_id, Household.name, Village.name, Household.code)
        .join(Village, Village.id == Household.village_id)
        .where(Household.public_id == household_id, Household.cooperative_id == cooperative_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    key, *facts = found
    goods = _recent_goods(tx, Lot.cooperative_id == cooperative_id)
    own = _recent_goods(tx, Delivery.household_id == key, limit=1)
    last = next(iter(own or goods), None)
    return Scale(HouseholdChip(*facts), plots_of(tx, key), last, goods)


def _recent_goods(
    tx: Session, whose: ColumnElement[bool], limit: int = RECENT
) -> tuple[GoodsChip, ...]:
    goods = (Lot.category, Lot.name, Lot.grade, Delivery.fen_per_kg)
    rows = tx.execute(
        select(*goods)
        .join(Delivery, Delivery.lot_id == Lot.id)
        .where(whose, Lot.state == LotState.RECORDED)
        .group_by(*goods)
        .order_by(func.max(Delivery.id).desc())
        .limit(limit)
    )
    return tuple(GoodsChip(*row) for row in rows)


def _deliveries() -> Select[*tuple[Any, ...]]:
    earlier, earlier_lot = aliased(Delivery), aliased(Lot)
    return (
        select(
            Lot.public_id,
            Lot.number,
            Lot.state,
            Delivery.weighed_at,
            Household.name,
            Village.name,
            Lot.category,
            Lot.name,
            Lot.grade,
            Delivery.net_grams,
            Delivery.fen_per_kg,
            Delivery.value,
            Delivery.payment,
            Lot.certificate,
            Delivery.certificate_source,
            User.name,
            earlier_lot.number,
        )
        .select_from(Delivery)
        .join(Lot, Lot.id == Delivery.lot_id)
        .join(Household, Household.id == Delivery.household_id)
        .join(Village, Village.id == Household.village_id)
        .outerjoin(User, User.id == Delivery.weigher_id)
        .outerjoin(earlier, earlier.id == Delivery.replaces_id)
        .outerjoin(earlier_lot, earlier_lot.id == earlier.lot_id)
    )


def _sums(rows: list[DeliveryRow]) -> Sums:
    return Sums(len(rows), sum(row.grams for row in rows), total([row.value for row in rows]))
