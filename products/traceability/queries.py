"""Reading what the trace page and the labels show; nothing here that consent does not cover."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from products.catalogue.gtin import unit_gtin
from products.catalogue.models import PriceComposition, Product, Specification
from products.catalogue.queries import prices_on
from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.lots.lineage import backward
from products.lots.models import Lot, LotFreeze, LotInput, LotStep, StandingShare
from products.lots.states import FreezeCause, LotKind, LotState
from products.quality.public_queries import of_lot
from products.traceability import slots
from products.traceability.digital_link import Link
from products.traceability.finding import Found
from products.traceability.models import TraceScan
from products.traceability.rows import Named, Part, Sheet, Standstill, Step, Tile, TracePage
from products.traceability.rules import (
    SMALLEST_GROUP,
    Standing,
    households_behind,
    spelled,
)
from products.traceability.states import Verdict
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.organisations.models import County, Organisation

_PARTS = (
    ("households", N_("农户份额")),
    ("processing", N_("加工")),
    ("packing", N_("包装")),
    ("freight", N_("运费")),
    ("cooperative", N_("合作社")),
    ("platform", N_("平台服务费")),
    ("tax", N_("税款")),
)


def page(tx: Session, *, found: Found, now: datetime, link: Link | None = None) -> TracePage:
    """What the public page shows for a code behind which there is a lot.

    Args:
        link: the Digital Link it was scanned by; its GTIN and lot have to agree with the code's.

    Raises:
        NotFound: the link names other goods or another lot than the code.
    """
    assert found.lot_key is not None
    lot_key = found.lot_key
    lot, specification, product, cooperative = _lot(tx, lot_key)
    if link is not None and not _agrees(link, lot, specification):
        raise NotFound()
    counties = list(
        tx.execute(select(County).order_by(County.grid_row, County.grid_column)).scalars()
    )
    tiles = tuple(
        Tile(
            Named(county.name, county.name_en),
            county.grid_column,
            county.grid_row,
            here=county.id == product.county_id,
        )
        for county in counties
    )
    county = next(county for county in counties if county.id == product.county_id)
    standings, milligrams = standings_of(tx, lot_key, day_of(now))
    price, parts = _composition(tx, specification.id, day_of(now))
    scans, first_scan = _scans(tx, found)
    standstills = _standstills(tx, lot)
    return TracePage(
        found=found,
        verdict=_verdict(found, standstills),
        standstills=standstills,
        papers=of_lot(tx, lot_key),
        sheet=_sheet(lot, specification, product, cooperative),
        slug=product.slug,
        story=Named(product.story, product.story_en),
        county=Named(county.name, county.name_en),
        province=county.province,
        tiles=tiles,
        steps=_steps(tx, lot_key),
        behind=tuple(households_behind(standings)),
        households=len(standings),
        leaf_grams=milligrams // 1000,
        price=price,
        parts=parts,
        money=slots.lot_money(tx, lot_key) if len(standings) >= SMALLEST_GROUP else None,
        scans=scans,
        first_scan=first_scan,
    )


def trace_code_of(tx: Session, lot_number: str) -> str | None:
    """The code of the page of a lot, from its number."""
    return tx.execute(
        select(Lot.trace_code).where(
            Lot.number == lot_number, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar()


def slug_of(tx: Session, gtin: str) -> str | None:
    """The product page of a GTIN, of a unit or of a box of them."""
    return tx.execute(
        select(Product.slug)
        .join(Specification, Specification.product_id == Product.id)
        .where(Specification.gtin == unit_gtin(gtin))
    ).scalar()


def _agrees(link: Link, lot: Lot, specification: Specification) -> bool:
    """Whether a Digital Link names these goods; a GTIN may be that of the unit or of a box."""
    same_goods = unit_gtin(link.gtin) == (specification.gtin or "")
    return same_goods and link.lot in ("", lot.number)


def _scans(tx: Session, found: Found) -> tuple[int, datetime | None]:
    if found.kind is not None:
        return found.seen, found.first_seen
    count, first = tx.execute(
        select(func.count(TraceScan.id), func.min(TraceScan.at)).where(
            TraceScan.lot_id == found.lot_key
        )
    ).one()
    return count, first


def _standstills(tx: Session, lot: Lot) -> tuple[Standstill, ...]:
    """Why the lot stands still; nothing is asked where it does not."""
    if not lot.freezes:
        return ()
    rows = tx.execute(
        select(LotFreeze.cause, LotFreeze.reason, LotFreeze.since)
        .where(LotFreeze.lot_id == lot.id, LotFreeze.lifted_at.is_(None))
        .order_by(LotFreeze.id)
    )
    return tuple(Standstill(cause, reason, since) for cause, reason, since in rows)


def _verdict(found: Found, standstills: tuple[Standstill, ...]) -> Verdict:
    """A recall comes before all else, a lot that stands still before odd scans."""
    if any(one.cause is FreezeCause.RECALL for one in standstills):
        return Verdict.RECALLED
    return Verdict.FROZEN if standstills else found.verdict


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
        gtin=specification.gtin or "",
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


def _steps(tx: Session, lot_id: int) -> tuple[Step, ...]:
    """The lot and all that went into it, eldest first; deliveries stand together."""
    family = backward(select(Lot.id.label("lot_id")).where(Lot.id == lot_id))
    keys = select(family.c.lot_id)
    lots = (
        tx.execute(select(Lot).where(Lot.id.in_(keys)).order_by(Lot.made_at, Lot.id))
        .scalars()
        .all()
    )
    put_in: dict[int, int] = defaultdict(int)
    for child_id, grams in tx.execute(
        select(LotInput.child_id, func.sum(LotInput.grams))
        .where(LotInput.child_id.in_(keys))
        .group_by(LotInput.child_id)
    ):
        put_in[child_id] = int(grams)
    deeds: dict[int, list[Named]] = defaultdict(list)
    for done_id, name, name_en in tx.execute(
        select(LotStep.lot_id, LotStep.name, LotStep.name_en)
        .where(LotStep.lot_id.in_(keys))
        .order_by(LotStep.lot_id, LotStep.position)
    ):
        deeds[done_id].append(Named(name, name_en))
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
            deeds=tuple(deeds[lot.id]),
        )
        for lot in lots
        if lot.kind is not LotKind.DELIVERY
    ]
    return tuple(steps)


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


def standings_of(tx: Session, lot_id: int, today: date) -> tuple[list[Standing], int]:
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
    current = prices_on(today)
    found = tx.execute(
        select(PriceComposition)
        .join(current, current.c.id == PriceComposition.id)
        .where(PriceComposition.specification_id == specification_id)
    ).scalar_one_or_none()
    if found is None:
        return None, ()
    parts = tuple(Part(key, label, getattr(found, key)) for key, label in _PARTS)
    return found.price, tuple(part for part in parts if part.amount)
