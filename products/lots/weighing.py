"""Weighing what households bring (称重收购), and putting a wrong weigh-in right."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.certificates import issuing
from products.certificates.states import CertificateSource
from products.households.models import Household, Plot, Village
from products.lots.alarms import check_yield
from products.lots.certifying import carry
from products.lots.models import Delivery, Lot
from products.lots.rules import FEN_PER_KG_AT_MOST, GRAMS_AT_MOST, SERIES, first_share
from products.lots.states import LOT, LeafPayment, LotKind
from products.lots.taking import write_shares
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission as P
from shop.core.weight import kg_text
from shop.organisations.models import Organisation


class WeightUnlikely(Refusal):
    """A weigh-in weighs something, and at most five tonnes."""

    code = "weight_unlikely"
    sentence = N_("重量应大于 0，最多 5,000 公斤，请看一下秤。")
    status = 422
    field = "grams"


class PriceUnlikely(Refusal):
    """Leaf has a price: its value is the household's weight in every later sharing."""

    code = "price_unlikely"
    sentence = N_("每公斤单价应大于 0，最多 10,000 元。寄售也要填约定的单价。")
    status = 422
    field = "fen_per_kg"


class PlotNotTheirs(Refusal):
    """The plot belongs to another household."""

    code = "plot_not_theirs"
    sentence = N_("这块地不是这户的，请重选。")
    status = 422
    field = "plot_id"


class LotInUse(Refusal):
    """Goods of the lot have gone into another; it can no longer be corrected or voided."""

    code = "lot_in_use"
    sentence = N_("批次 %(lot)s 已经用了 %(used)s 公斤，不能再更正或作废。")


class LotNotUsed(Refusal):
    """Shares are corrected once a delivery was used; before, the weigh-in itself is."""

    code = "lot_not_used"
    sentence = N_("批次 %(lot)s 还没有用过或已作废，请直接更正或作废那一次过秤。")


@command
def weigh_in(
    tx: Session,
    *,
    household_id: str,
    plot_id: str | None,
    category: Category,
    name: str,
    grade: str,
    grams: int,
    fen_per_kg: int,
    payment: LeafPayment,
    certificate: str,
    certificate_source: CertificateSource = CertificateSource.COLLECTED,
    actor: Actor,
    now: datetime,
) -> str:
    """Record what one household brought to the scale (投售). Returns the lot's public id.

    The delivery is a lot of its own with one share: all of the household's. Paid on the spot, it
    is bought from the cooperative's own money and posts nothing; on consignment the household
    waits for what it sells for. More in a year than its land bears raises an alarm and freezes the
    delivery; it is not refused.

    Args:
        grams: net.
        fen_per_kg: the agreed price; also on consignment, where it is the weight in sharing.
        certificate: number of the 承诺达标合格证 the household brought, else empty.
        certificate_source: whether it brought one, it is written for it here, or there is none.
        now: when it was weighed; its Shanghai day counts as the day of harvest.

    Raises:
        NotFound: no such household, or not the actor's to see.
        NotAllowed: the actor may not weigh there.
        WeightUnlikely, PriceUnlikely, PlotNotTheirs: what was typed cannot be.
        CertificateDemanded, CertificateContradicts, CertificateUsed: see `issuing.at_the_gate`.

    Rule: docs/money.md, “The value of a delivery”.
    """
    household = tx.execute(
        select(Household).where(Household.public_id == household_id)
    ).scalar_one_or_none()
    if household is None:
        raise NotFound()
    actor.require(P.DELIVERY_WEIGH, household.cooperative_id)
    lot = Lot(
        cooperative_id=household.cooperative_id,
        category=category,
        name=name.strip(),
        grade=grade.strip(),
        grams=grams,
        harvest_from=day_of(now),
        harvest_to=day_of(now),
        made_at=now,
        certificate=certificate.strip(),
    )
    delivery = Delivery(
        household_id=household.id,
        plot_id=_plot(tx, household.id, plot_id),
        weighed_at=now,
        weigher_id=actor.user_id,
        fen_per_kg=fen_per_kg,
        payment=payment,
        certificate_source=certificate_source,
    )
    _write(tx, lot, delivery, actor, now)
    _record(tx, lot, delivery, "weigh_in", actor, now)
    check_yield(tx, lot, household.id, actor=actor, now=now)
    return lot.public_id


@command
def correct_delivery(
    tx: Session,
    *,
    lot_id: str,
    grams: int,
    grade: str,
    fen_per_kg: int,
    payment: LeafPayment,
    certificate: str,
    certificate_source: CertificateSource = CertificateSource.COLLECTED,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Put a wrong weigh-in right: void it and record another in its place, for the same day.

    Household, plot, goods and the time of weighing stay. Returns the new lot's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        LotInUse: something has been made of it.
        WrongState: it is voided already.
        ReasonMissing, WeightUnlikely, PriceUnlikely: what was typed cannot be.
        CertificateDemanded, CertificateContradicts, CertificateUsed: see `issuing.at_the_gate`.
    """
    old, was = _unused(tx, lot_id, actor)
    _void(tx, old, was, reason, actor, now)
    lot = Lot(
        cooperative_id=old.cooperative_id,
        category=old.category,
        name=old.name,
        grade=grade.strip(),
        grams=grams,
        harvest_from=old.harvest_from,
        harvest_to=old.harvest_to,
        made_at=old.made_at,
        certificate=certificate.strip(),
    )
    delivery = Delivery(
        household_id=was.household_id,
        plot_id=was.plot_id,
        weighed_at=was.weighed_at,
        weigher_id=actor.user_id,
        fen_per_kg=fen_per_kg,
        payment=payment,
        certificate_source=certificate_source,
        replaces_id=was.id,
    )
    _write(tx, lot, delivery, actor, now)
    _record(tx, lot, delivery, "correct", actor, now, reason=reason.strip(), replaces=old.public_id)
    check_yield(tx, lot, was.household_id, actor=actor, now=now)
    return lot.public_id


@command
def void_delivery(tx: Session, *, lot_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Void a weigh-in of which nothing has been used (作废).

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        LotInUse: something has been made of it.
        WrongState: it is voided already.
        ReasonMissing: no reason was given.
    """
    lot, delivery = _unused(tx, lot_id, actor)
    _void(tx, lot, delivery, reason, actor, now)


def _plot(tx: Session, household_id: int, plot_id: str | None) -> int | None:
    if not plot_id:
        return None
    key = tx.execute(
        select(Plot.id).where(Plot.public_id == plot_id, Plot.household_id == household_id)
    ).scalar_one_or_none()
    if key is None:
        raise PlotNotTheirs()
    return key


def _write(tx: Session, lot: Lot, delivery: Delivery, actor: Actor, now: datetime) -> None:
    if not 0 < lot.grams <= GRAMS_AT_MOST:
        raise WeightUnlikely()
    if not 0 < delivery.fen_per_kg <= FEN_PER_KG_AT_MOST:
        raise PriceUnlikely()
    share = first_share(delivery.household_id, lot.grams, delivery.fen_per_kg, delivery.payment)
    if not share.value:
        raise PriceUnlikely()
    lot.kind = LotKind.DELIVERY
    cooperative = tx.get_one(Organisation, lot.cooperative_id)
    paper, delivery.certificate_source = issuing.at_the_gate(
        tx,
        cooperative=cooperative,
        household_id=delivery.household_id,
        category=lot.category,
        goods=lot.name,
        grams=lot.grams,
        number=lot.certificate,
        source=delivery.certificate_source,
        now=now,
    )
    lot.certificate = paper.number if paper else ""
    lot.number = next_number(tx, f"{SERIES[LotKind.DELIVERY]}-{cooperative.code}", now)
    tx.add(lot)
    tx.flush()
    delivery.lot_id = lot.id
    delivery.net_grams, delivery.value = lot.grams, share.value
    tx.add(delivery)
    tx.flush()
    write_shares(tx, lot, [share])
    _tell(tx, lot, delivery, cooperative.code, now)
    if paper is not None:
        carry(tx, cooperative, lot, paper, actor, now)


def _tell(tx: Session, lot: Lot, delivery: Delivery, code: str, now: datetime) -> None:
    """Write the delivery down as a fact of the trade; the household under its pseudonym."""
    household, village = tx.execute(
        select(Household.public_id, Village.public_id)
        .join(Village, Village.id == Household.village_id)
        .where(Household.id == delivery.household_id)
    ).one()
    plot = tx.execute(select(Plot.public_id).where(Plot.id == delivery.plot_id)).scalar()
    events.emit(
        tx,
        kind="delivery",
        thing=lot.public_id,
        at=delivery.weighed_at,
        now=now,
        organisation_id=lot.cooperative_id,
        lot=lot.number,
        cooperative=code,
        category=lot.category.value,
        goods=lot.name,
        grade=lot.grade,
        grams=lot.grams,
        household=events.pseudonym(household),
        village=village,
        plot=plot,
        certificate=lot.certificate,
    )


def _unused(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Delivery]:
    """The lot, locked, and its delivery; refused once anything was made of it."""
    lot = tx.execute(
        select(Lot).where(Lot.public_id == lot_id, Lot.kind == LotKind.DELIVERY).with_for_update()
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.DELIVERY_WEIGH, lot.cooperative_id)
    if lot.used_grams or lot.lost_grams:
        raise LotInUse(lot=lot.number, used=kg_text(lot.used_grams + lot.lost_grams))
    delivery = tx.execute(select(Delivery).where(Delivery.lot_id == lot.id)).scalar_one()
    return lot, delivery


def _void(
    tx: Session, lot: Lot, delivery: Delivery, reason: str, actor: Actor, now: datetime
) -> None:
    if not reason.strip():
        raise ReasonMissing()
    LOT.move(
        tx,
        lot,
        "void",
        actor=actor,
        now=now,
        organisation_id=lot.cooperative_id,
        reason=reason.strip(),
        grams=lot.grams,
        value_fen=delivery.value.fen,
    )
    tx.flush()
    issuing.take_back(tx, lot.id, reason.strip(), actor=actor, now=now)
    events.emit(
        tx,
        kind="void",
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=lot.cooperative_id,
        lot=lot.number,
        cooperative=tx.get_one(Organisation, lot.cooperative_id).code,
        grams=lot.grams,
    )


def _record(
    tx: Session,
    lot: Lot,
    delivery: Delivery,
    action: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action=action,
        organisation_id=lot.cooperative_id,
        reason=reason,
        grams=lot.grams,
        fen_per_kg=delivery.fen_per_kg,
        value_fen=delivery.value.fen,
        payment=delivery.payment.value,
        **facts,
    )
