"""Reading what the trace page and the labels show; nothing here that consent does not cover."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from products.catalogue.models import PriceComposition, Product, Specification
from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.lots.models import Lot, LotInput, StandingShare
from products.lots.states import LotKind, LotState
from products.traceability import slots
from products.traceability.models import TraceScan
from products.traceability.rules import (
    SMALLEST_GROUP,
    Behind,
    Standing,
    households_behind,
    spelled,
)
from products.traceability.slots import LotMoney
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.organisations.models import County, Organisation


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A county on the tile grid; `here` marks where the box comes from."""

    name: Named
    column: int
    row: int
    here: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the scale to the box; deliveries stand together as one step.

    `grams_in` is zero for deliveries; `units` is zero but for the packing.
    """

    kind: LotKind
    number: str
    name: str
    first: date
    last: date
    grams_in: int
    grams: int
    units: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the price: what it is called and how much of one unit it is."""

    key: str
    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a label: enough to know the box without scanning it."""

    lot_id: str
    number: str
    code: str
    spelled: str
    product: Named
    specification: Named
    unit: Named
    grade: Named
    net_grams: int
    units: int
    cooperative: Named
    harvest_from: date
    harvest_to: date
    packed_on: date
    best_before: date | None
    certificate: str


@dataclass(frozen=True, slots=True)
class TracePage:
    """Everything the public page says about a packed lot."""

    sheet: Sheet
    slug: str
    story: Named
    county: Named
    province: str
    tiles: tuple[Tile, ...]
    steps: tuple[Step, ...]
    certificates: tuple[str, ...]
    leaf_certificates: tuple[str, ...]
    behind: tuple[Behind, ...]
    households: int
    leaf_grams: int
    price: Money | None
    parts: tuple[Part, ...]
    money: LotMoney | None
    scans: int
    first_scan: datetime | None


_PARTS = (
    ("households", N_("农户份额")),
    ("processing", N_("加工")),
    ("packing", N_("包装")),
    ("freight", N_("运费")),
    ("cooperative", N_("合作社")),
    ("platform", N_("平台服务费")),
    ("tax", N_("税款")),
)


def lot_of_code(tx: Session, code: str) -> int | None:
    """The internal key of the packed lot behind a code as stored, or None."""
    return tx.execute(
        select(Lot.id).where(
            Lot.trace_code == code, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar()


def page(tx: Session, *, code: str, now: datetime) -> TracePage:
    """What the public page shows for a code as stored.

    Raises:
        NotFound: no packed lot carries this code.
    """
    lot_id = lot_of_code(tx, code)
    if lot_id is None:
        raise NotFound()
    lot, specification, product, cooperative = _lot(tx, lot_id)
    counties = tx.execute(select(County).order_by(County.grid_row, County.grid_column)).scalars()
    tiles = tuple(
        Tile(
            Named(county.name, county.name_en),
            county.grid_column,
            county.grid_row,
            here=county.id == product.county_id,
        )
        for county in counties
    )
    county = tx.get_one(County, product.county_id)
    steps, certificates, leaf_certificates = _steps(tx, lot_id)
    standings, milligrams = _standings(tx, lot_id, day_of(now))
    price, parts = _composition(tx, specification.id, day_of(now))
    scans, first_scan = tx.execute(
        select(func.count(TraceScan.id), func.min(TraceScan.at)).where(TraceScan.lot_id == lot_id)
    ).one()
    return TracePage(
        sheet=_sheet(lot, specification, product, cooperative),
        slug=product.slug,
        story=Named(product.story, product.story_en),
        county=Named(county.name, county.name_en),
        province=county.province,
        tiles=tiles,
        steps=steps,
        certificates=certificates,
        leaf_certificates=leaf_certificates,
        behind=tuple(households_behind(standings)),
        households=len(standings),
        leaf_grams=milligrams // 1000,
        price=price,
        parts=parts,
        money=slots.lot_money(tx, lot_id) if len(standings) >= SMALLEST_GROUP else None,
        scans=scans,
        first_scan=first_scan,
    )


def sheet(tx: Session, *, lot_id: str, actor: Actor) -> Sheet:
    """What stands on the labels of a packed lot of the actor's cooperative.

    Raises:
        NotFound: there is no such packed lot, or it is another cooperative's.
        NotAllowed: no role of the actor reads lots there.
    """
    key = tx.execute(
        select(Lot.id).where(
            Lot.public_id == lot_id, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar()
    if key is None:
        raise NotFound()
    lot, specification, product, cooperative = _lot(tx, key)
    actor.require(Permission.LOT_READ, lot.cooperative_id)
    return _sheet(lot, specification, product, cooperative)


def _lot(tx: Session, lot_id: int) -> tuple[Lot, Specification, Product, Organisation]:
    row = tx.execute(
        select(Lot, Specification, Product, Organisation)
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Lot.id == lot_id)
    ).one()
    return row[0], row[1], row[2], row[3]


def _sheet(
    lot: Lot, specification: Specification, product: Product, cooperative: Organisation
) -> Sheet:
    code = lot.trace_code or ""
    return Sheet(
        lot_id=lot.public_id,
        number=lot.number,
        code=code,
        spelled=spelled(code),
        product=Named(product.name, product.name_en),
        specification=Named(specification.name, specification.name_en),
        unit=Named(specification.unit, specification.unit_en),
        grade=Named(product.grade, product.grade_en),
        net_grams=specification.net_grams,
        units=lot.units,
        cooperative=Named(cooperative.name, cooperative.name_en),
        harvest_from=lot.harvest_from,
        harvest_to=lot.harvest_to,
        packed_on=day_of(lot.made_at),
        best_before=lot.best_before,
        certificate=lot.certificate,
    )


def _steps(tx: Session, lot_id: int) -> tuple[tuple[Step, ...], tuple[str, ...], tuple[str, ...]]:
    """The lot and all that went into it, eldest first; certificates of what was made, of leaf."""
    family = select(LotInput.parent_id).where(LotInput.child_id == lot_id).cte(recursive=True)
    family = family.union(
        select(LotInput.parent_id).join(family, LotInput.child_id == family.c.parent_id)
    )
    keys = select(family.c.parent_id).scalar_subquery()
    lots = (
        tx.execute(
            select(Lot).where((Lot.id == lot_id) | Lot.id.in_(keys)).order_by(Lot.made_at, Lot.id)
        )
        .scalars()
        .all()
    )
    put_in: dict[int, int] = defaultdict(int)
    for child_id, grams in tx.execute(
        select(LotInput.child_id, func.sum(LotInput.grams))
        .where((LotInput.child_id == lot_id) | LotInput.child_id.in_(keys))
        .group_by(LotInput.child_id)
    ):
        put_in[child_id] = int(grams)
    brought = [lot for lot in lots if lot.kind is LotKind.DELIVERY]
    steps = [_deliveries(brought)] if brought else []
    steps += [
        Step(
            kind=lot.kind,
            number=lot.number,
            name=lot.name,
            first=day_of(lot.made_at),
            last=day_of(lot.made_at),
            grams_in=put_in[lot.id],
            grams=lot.grams,
            units=lot.units,
            deliveries=0,
        )
        for lot in lots
        if lot.kind is not LotKind.DELIVERY
    ]
    own = {lot.certificate for lot in lots if lot.kind is not LotKind.DELIVERY} - {""}
    leaf = {lot.certificate for lot in brought} - {""}
    return tuple(steps), tuple(sorted(own)), tuple(sorted(leaf))


def _deliveries(lots: list[Lot]) -> Step:
    days = [day_of(lot.made_at) for lot in lots]
    return Step(
        kind=LotKind.DELIVERY,
        number="",
        name=lots[0].name,
        first=min(days),
        last=max(days),
        grams_in=0,
        grams=sum(lot.grams for lot in lots),
        units=0,
        deliveries=len(lots),
    )


def _standings(tx: Session, lot_id: int, today: date) -> tuple[list[Standing], int]:
    """Every household behind a lot, named only with consent alive today; and their milligrams."""
    rows = tx.execute(
        select(
            StandingShare.value,
            StandingShare.milligrams,
            Household.name,
            Village.township,
            Village.name,
            consents(ConsentPurpose.NAME, today),
        )
        .join(Household, Household.id == StandingShare.household_id)
        .join(Village, Village.id == Household.village_id)
        .where(StandingShare.lot_id == lot_id)
        .order_by(Household.public_id)
    ).all()
    standings = [
        Standing(value.fen, name, f"{township}{village}") if shown else Standing(value.fen)
        for value, _mg, name, township, village, shown in rows
    ]
    return standings, sum(int(row[1]) for row in rows)


def _composition(
    tx: Session, specification_id: int, today: date
) -> tuple[Money | None, tuple[Part, ...]]:
    found = tx.execute(
        select(PriceComposition)
        .where(
            PriceComposition.specification_id == specification_id,
            PriceComposition.from_day <= today,
        )
        .order_by(PriceComposition.from_day.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        return None, ()
    parts = tuple(Part(key, label, getattr(found, key)) for key, label in _PARTS)
    return found.price, tuple(part for part in parts if part.amount)
