"""Making lots: by a process from deliveries, blends, packed units.

Weighing, correcting and voiding stand in `weighing` and are offered here too; parts, by-products
and losses in `dividing`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from products.catalogue.gtin import gtin_of
from products.catalogue.models import Product, Specification
from products.lots.alarms import check_ratio
from products.lots.certifying import for_mixture
from products.lots.making import (
    cooperative_of,
    new_lot,
    weigh_no_more,
    write_lot,
)
from products.lots.models import LotStep, Process, ProcessStep
from products.lots.rules import TAKES, default_best_before
from products.lots.sharing import is_worth_something
from products.lots.states import LotKind
from products.lots.taking import (
    CategoriesDiffer,
    Inputs,
    Mixture,
    take,
)
from products.lots.weighing import correct_delivery, void_delivery, weigh_in
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.reference import new_reference
from shop.core.weight import kg_text
from shop.organisations.models import Organisation

__all__ = [
    "blend",
    "correct_delivery",
    "pack",
    "process",
    "void_delivery",
    "weigh_in",
]


class ProcessDiffers(Refusal):
    """A process is for goods of its own category."""

    code = "process_differs"
    sentence = N_("这道工艺不是给这类货用的，请换工艺或投料。")
    status = 422
    field = "process_id"


class StepsNotDone(Refusal):
    """Something was done to make a lot: at least one step of its process."""

    code = "steps_not_done"
    sentence = N_("请勾选做了哪几道工序，至少一道。")
    status = 422
    field = "steps"


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


class AlreadyPast(Refusal):
    """Goods are packed before they expire."""

    code = "already_past"
    sentence = N_("保质期要晚于今天。")
    status = 422
    field = "best_before"


@command
def process(
    tx: Session,
    *,
    cooperative_id: str,
    process_id: str,
    inputs: Inputs,
    grams: int,
    grade: str,
    steps: tuple[tuple[int, str], ...],
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Make a lot by a process (初加工): rough tea of leaf, sorted fruit, pressed oil.

    Args:
        process_id: of the cooperative or offered to all; of the category of what goes in.
        inputs: public ids of lots of one category, each with the grams taken from it.
        grams: what came out, by-products still in it, at most what went in. What does not fit
            the ratio of these goods raises an alarm and freezes the lot; it is not refused.
        steps: positions of the process's steps that were done, each with a note or "".

    Returns:
        The new lot's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed, LotFrozen: see `taking.take`.
        ProcessDiffers, StepsNotDone: see the classes.
        WeighsTooMuch: more came out than went in, or nothing.
    """
    cooperative = cooperative_of(tx, cooperative_id, actor)
    chosen = _process(tx, cooperative, process_id)
    done = _done(tx, chosen, dict(steps))
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.PROCESSED])
    if mixture.category is not chosen.category:
        raise ProcessDiffers()
    weigh_no_more(mixture, grams)
    lot = new_lot(cooperative, LotKind.PROCESSED, mixture, now)
    lot.grams, lot.name, lot.grade, lot.note = grams, chosen.makes, grade.strip(), note.strip()
    lot.process_id = chosen.id
    public_id = write_lot(
        tx,
        cooperative,
        lot,
        mixture,
        actor,
        now,
        process=chosen.name,
        steps=[step.name for step in done],
    )
    for step in done:
        step.lot_id = lot.id
    tx.add_all(done)
    check_ratio(tx, lot, mixture.grams, actor=actor, now=now)
    return public_id


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
    new_certificate: bool = False,
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Blend lots of one category into one (拼配). Returns the new lot's public id.

    Args:
        inputs: public ids of any lots but packed ones, each with its grams.
        grams: what came out, at most what went in.
        certificate: number of the blend's certificate, where it was issued elsewhere; else empty.
        new_certificate: issue one even where a single household's goods could keep theirs.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed, LotFrozen: see `taking.take`.
        WeighsTooMuch: more came out than went in, or nothing.
        CertificateMissing, CertificateUsed: see `certifying.for_mixture`.
    """
    cooperative = cooperative_of(tx, cooperative_id, actor)
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.BLEND])
    weigh_no_more(mixture, grams)
    lot = new_lot(cooperative, LotKind.BLEND, mixture, now)
    lot.grams, lot.name, lot.grade, lot.note = grams, name.strip(), grade.strip(), note.strip()
    paper = for_mixture(
        tx, cooperative, lot, mixture, given=certificate.strip(), anew=new_certificate, now=now
    )
    return write_lot(tx, cooperative, lot, mixture, actor, now, certificate=paper)


@command
def pack(
    tx: Session,
    *,
    cooperative_id: str,
    inputs: Inputs,
    specification_id: str,
    units: int,
    certificate: str,
    new_certificate: bool = False,
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
        certificate: number of the lot's certificate, where it was issued elsewhere; else empty.
        new_certificate: issue one even where a single household's goods could keep theirs.
        best_before: the last good day; None for today and the product's shelf life.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NothingTaken, WrongKind, CategoriesDiffer, OverConsumed, LotFrozen: see `taking.take`.
        WeightsDiffer: inputs and net weight do not agree.
        CertificateMissing, CertificateUsed: see `certifying.for_mixture`.
        AlreadyPast: they would be past their date.
        NothingBehind: no household has a share worth a fen.
    """
    cooperative = cooperative_of(tx, cooperative_id, actor)
    specification, product = _specification(tx, cooperative, specification_id)
    mixture = take(tx, cooperative.id, inputs, TAKES[LotKind.PACKED])
    if mixture.category is not product.category:
        raise CategoriesDiffer(field="specification_id")
    _fills_exactly(mixture, units, specification.net_grams)
    lot = new_lot(cooperative, LotKind.PACKED, mixture, now)
    lot.grams = mixture.grams
    lot.name, lot.grade, lot.note = product.name, product.grade, note.strip()
    lot.specification_id, lot.units = specification.id, units
    lot.best_before = best_before or default_best_before(day_of(now), product.shelf_life_days)
    if lot.best_before <= day_of(now):
        raise AlreadyPast()
    lot.trace_code = new_reference()
    paper = for_mixture(
        tx, cooperative, lot, mixture, given=certificate.strip(), anew=new_certificate, now=now
    )
    public_id = write_lot(
        tx,
        cooperative,
        lot,
        mixture,
        actor,
        now,
        certificate=paper,
        units=units,
        net_grams=specification.net_grams,
        specification=specification.public_id,
        gtin=gtin_of(tx, specification),
        best_before=lot.best_before,
        harvest_from=lot.harvest_from,
        harvest_to=lot.harvest_to,
    )
    if not is_worth_something(tx, lot.id):
        raise NothingBehind()
    return public_id


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


def _process(tx: Session, cooperative: Organisation, process_id: str) -> Process:
    found = tx.execute(
        select(Process).where(
            Process.public_id == process_id,
            Process.retired_at.is_(None),
            or_(Process.cooperative_id.is_(None), Process.cooperative_id == cooperative.id),
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(field="process_id")
    return found


def _done(tx: Session, chosen: Process, notes: dict[int, str]) -> list[LotStep]:
    """The steps that were done, in the order of the process, their names copied."""
    steps = tx.execute(
        select(ProcessStep)
        .where(ProcessStep.process_id == chosen.id, ProcessStep.position.in_(notes))
        .order_by(ProcessStep.position)
    ).scalars()
    done = [
        LotStep(
            position=step.position,
            name=step.name,
            name_en=step.name_en,
            note=notes[step.position].strip(),
        )
        for step in steps
    ]
    if not done or len(done) < len(notes):
        raise StepsNotDone()
    return done


def _fills_exactly(mixture: Mixture, units: int, net_grams: int) -> None:
    if units <= 0 or units * net_grams != mixture.grams:
        raise WeightsDiffer(
            taken=kg_text(mixture.grams), units=str(units), needed=kg_text(units * net_grams)
        )
