"""Making lots: rough tea from deliveries, blends, packed units.

Weighing, correcting and voiding stand in `weighing` and are offered here too.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.models import Product, Specification
from products.lots.models import Lot
from products.lots.rules import CATEGORIES, TAKES, default_best_before
from products.lots.states import LotKind
from products.lots.taking import CategoriesDiffer, Inputs, Mixture, take, write_inputs
from products.lots.weighing import correct_delivery, void_delivery, weigh_in
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission as P
from shop.core.reference import new_reference
from shop.core.weight import kg_text
from shop.organisations.models import Organisation, OrganisationKind

__all__ = [
    "blend",
    "correct_delivery",
    "make_rough",
    "pack",
    "void_delivery",
    "weigh_in",
]

SERIES = {LotKind.ROUGH: "MC", LotKind.BLEND: "PP", LotKind.PACKED: "FZ"}


class NotTea(Refusal):
    """Rough tea is made of tea (毛茶)."""

    code = "not_tea"
    sentence = N_("只有茶叶能加工成毛茶；果品和茶油可以直接分装。")
    status = 422
    field = "inputs"


class WeighsTooMuch(Refusal):
    """Nothing weighs more than what went in, and something comes out."""

    code = "weighs_too_much"
    sentence = N_("出料应大于 0，不能多过投料的 %(taken)s 公斤。")
    status = 422
    field = "grams"


class WeightsDiffer(Refusal):
    """Packed units weigh exactly what went in."""

    code = "weights_differ"
    sentence = N_(
        "投料共 %(taken)s 公斤，%(units)s 件应为 %(needed)s 公斤，两边要一样。请改件数或投料。"
    )
    status = 422
    field = "units"


class NothingBehind(Refusal):
    """So little was taken that no household's share reaches a fen; nobody could be paid."""

    code = "nothing_behind"
    sentence = N_("用量太少，算不出农户的份额，请多用一些。")
    status = 422
    field = "inputs"


class CertificateMissing(Refusal):
    """Mixed goods need a certificate of their own (混装须重新开具承诺达标合格证)."""

    code = "certificate_missing"
    sentence = N_("混装的批次要重新开承诺达标合格证，请填新证的编号。")
    status = 422
    field = "certificate"


class AlreadyPast(Refusal):
    """Goods are packed before they expire."""

    code = "already_past"
    sentence = N_("保质期要晚于今天。")
    status = 422
    field = "best_before"


@command
def make_rough(
    tx: Session,
    *,
    cooperative_id: str,
    inputs: Inputs,
    grams: int,
    name: str,
    grade: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Make rough tea (毛茶) from deliveries. Returns the new lot's public id.

    Args:
        inputs: public ids of delivery lots of one category, each with the grams taken from it.
        grams: what came out, at most what went in. A ratio of fresh to dry outside its window
            is shown as a warning, not refused.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed: see `taking.take`.
        NotTea: of anything else.
        WeighsTooMuch: more came out than went in, or nothing.
    """
    cooperative = _cooperative(tx, cooperative_id, actor)
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.ROUGH])
    if mixture.category not in CATEGORIES[LotKind.ROUGH]:
        raise NotTea()
    _weighs_no_more(mixture, grams)
    lot = _new(cooperative, LotKind.ROUGH, mixture, now)
    lot.grams, lot.name, lot.grade, lot.note = grams, name.strip(), grade.strip(), note.strip()
    return _write(tx, cooperative, lot, mixture, actor, now)


@command
def blend(
    tx: Session,
    *,
    cooperative_id: str,
    inputs: Inputs,
    grams: int,
    name: str,
    grade: str,
    certificate: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Blend lots of one category into one (拼配). Returns the new lot's public id.

    Args:
        inputs: public ids of rough lots, blends or delivered dry tea, each with its grams.
        grams: what came out, at most what went in.
        certificate: number of the certificate issued for the blend, if it has one already.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed: see `taking.take`.
        WeighsTooMuch: more came out than went in, or nothing.
    """
    cooperative = _cooperative(tx, cooperative_id, actor)
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.BLEND])
    _weighs_no_more(mixture, grams)
    lot = _new(cooperative, LotKind.BLEND, mixture, now)
    lot.grams, lot.name, lot.grade, lot.note = grams, name.strip(), grade.strip(), note.strip()
    lot.certificate = certificate.strip()
    return _write(tx, cooperative, lot, mixture, actor, now)


@command
def pack(
    tx: Session,
    *,
    cooperative_id: str,
    inputs: Inputs,
    specification_id: str,
    units: int,
    certificate: str,
    best_before: date | None,
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Pack lots into units of one specification and seal them (分装). Returns the lot's public id.

    Sealing freezes the shares that settlement pays by, and gives the lot its trace code.

    Args:
        inputs: public lot ids with grams; together exactly `units` times the net weight.
        specification_id: of the same cooperative and category.
        certificate: for goods of several lots or households a new one; goods of a single lot
            keep that lot's when this is empty.
        best_before: the last good day; None for today and the product's shelf life.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed: see `taking.take`.
        WeightsDiffer: inputs and net weight do not agree.
        CertificateMissing: mixed goods without a certificate of their own.
        AlreadyPast: they would be past their date.
        NothingBehind: no household has a share worth a fen.

    Rule: 农产品质量安全承诺达标合格证管理办法: mixed lots need a new certificate.
    """
    cooperative = _cooperative(tx, cooperative_id, actor)
    specification, product = _specification(tx, cooperative, specification_id)
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.PACKED])
    if mixture.category is not product.category:
        raise CategoriesDiffer(field="specification_id")
    _fills_exactly(mixture, units, specification.net_grams)
    if not any(share.value for share in mixture.shares):
        raise NothingBehind()
    lot = _new(cooperative, LotKind.PACKED, mixture, now)
    lot.grams = mixture.grams
    lot.name, lot.grade, lot.note = product.name, product.grade, note.strip()
    lot.specification_id, lot.units = specification.id, units
    lot.certificate = _certificate(mixture, certificate.strip())
    lot.best_before = best_before or default_best_before(day_of(now), product.shelf_life_days)
    if lot.best_before <= day_of(now):
        raise AlreadyPast()
    lot.trace_code = new_reference()
    return _write(tx, cooperative, lot, mixture, actor, now)


def _cooperative(tx: Session, cooperative_id: str, actor: Actor) -> Organisation:
    cooperative = tx.execute(
        select(Organisation).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    actor.require(P.LOT_MAKE, cooperative.id)
    return cooperative


def _specification(
    tx: Session, cooperative: Organisation, specification_id: str
) -> tuple[Specification, Product]:
    found = tx.execute(
        select(Specification, Product)
        .join(Product, Product.id == Specification.product_id)
        .where(
            Specification.public_id == specification_id,
            Product.cooperative_id == cooperative.id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound(field="specification_id")
    return found[0], found[1]


def _weighs_no_more(mixture: Mixture, grams: int) -> None:
    if not 0 < grams <= mixture.grams:
        raise WeighsTooMuch(taken=kg_text(mixture.grams))


def _fills_exactly(mixture: Mixture, units: int, net_grams: int) -> None:
    if units <= 0 or units * net_grams != mixture.grams:
        raise WeightsDiffer(
            taken=kg_text(mixture.grams), units=str(units), needed=kg_text(units * net_grams)
        )


def _certificate(mixture: Mixture, given: str) -> str:
    """The certificate a packed lot carries: a new one where goods were mixed."""
    parents = [take.parent for take in mixture.taken]
    if len(parents) == 1:
        kept = given or parents[0].certificate
    else:
        kept = "" if given in {parent.certificate for parent in parents} else given
    if mixture.is_mixed and not kept:
        raise CertificateMissing()
    return kept


def _new(cooperative: Organisation, kind: LotKind, mixture: Mixture, now: datetime) -> Lot:
    first, last = mixture.harvest
    return Lot(
        kind=kind,
        cooperative_id=cooperative.id,
        category=mixture.category,
        harvest_from=first,
        harvest_to=last,
        made_at=now,
    )


def _write(
    tx: Session,
    cooperative: Organisation,
    lot: Lot,
    mixture: Mixture,
    actor: Actor,
    now: datetime,
) -> str:
    lot.number = next_number(tx, f"{SERIES[lot.kind]}-{cooperative.code}", now)
    tx.add(lot)
    tx.flush()
    write_inputs(tx, lot, mixture)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action=lot.kind.value,
        organisation_id=cooperative.id,
        grams=lot.grams,
        taken_grams=mixture.grams,
        units=lot.units,
        inputs={take.parent.number: take.grams for take in mixture.taken},
    )
    return lot.public_id
