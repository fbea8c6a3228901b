"""Taking a lot apart without making anything new: parts, by-products, losses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from products.certificates.issuing import carried
from products.lots.making import new_lot, write_lot
from products.lots.models import Lot, LotLoss
from products.lots.rules import TAKES
from products.lots.states import LotKind, LotState
from products.lots.taking import OverConsumed, WrongKind, enough, take
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.core.weight import kg_text
from shop.organisations.models import Organisation

#: More parts at once than anybody has baskets for.
PARTS_AT_MOST = 20


class PartsMissing(Refusal):
    """A lot is divided into one or more parts, each with a name and a weight."""

    code = "parts_missing"
    sentence = N_("请填每一份的名称和公斤数，至少一份，最多 20 份。")
    status = 422
    field = "parts"


class LossMissing(Refusal):
    """What is lost weighs something."""

    code = "loss_missing"
    sentence = N_("请填损耗了多少公斤。")
    status = 422
    field = "grams"


@command
def divide(
    tx: Session,
    *,
    lot_id: str,
    kind: LotKind,
    parts: Sequence[tuple[str, str, int]],
    note: str,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Take parts (分堆) or by-products (副产品) out of a lot; each becomes a lot of its own.

    Nothing is made and nothing lost: a part weighs what was taken, and carries its share of every
    household's goods by weight, and goes by the same certificate. What is not taken stays.

    Args:
        kind: PART keeps the goods what they were; BYPRODUCT is what is sorted out, such as stems.
        parts: name, grade and grams of each, in their order.

    Returns:
        The public ids of the new lots, in the order of the parts.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
        PartsMissing: see the class.
        WrongKind, OverConsumed, LotFrozen: see `taking.take`.
    """
    assert kind in (LotKind.PART, LotKind.BYPRODUCT)
    lot, cooperative = _lot(tx, lot_id, actor)
    good = all(name.strip() and grams > 0 for name, _grade, grams in parts)
    if not 0 < len(parts) <= PARTS_AT_MOST or not good:
        raise PartsMissing()
    certificate = carried(tx, lot.id)
    made = []
    for name, grade, grams in parts:
        mixture = take(tx, cooperative.id, ((lot_id, grams),), TAKES[kind])
        part = new_lot(cooperative, kind, mixture, now)
        part.name, part.grade, part.grams = name.strip(), grade.strip(), grams
        part.note = note.strip()
        made.append(write_lot(tx, cooperative, part, mixture, actor, now, certificate=certificate))
    return made


@command
def lose(tx: Session, *, lot_id: str, grams: int, reason: str, actor: Actor, now: datetime) -> None:
    """Write down that some of a lot is gone (损耗): spilt, spoilt, destroyed.

    What is lost takes its part of the shares with it. A frozen lot may be lost: that is how
    recalled goods are destroyed.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
        WrongKind: a packed or voided lot; packed units are written off as units.
        LossMissing, ReasonMissing: what was typed cannot be.
        OverConsumed: there is not so much left.
    """
    lot, cooperative = _lot(tx, lot_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    write_loss(tx, lot, cooperative, grams, reason=reason.strip(), actor=actor, now=now)


def write_loss(
    tx: Session,
    lot: Lot,
    cooperative: Organisation,
    grams: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """The step of losing some of a locked lot, with its event and its line in the log.

    Raises:
        LossMissing, WrongKind, OverConsumed: see `lose`.
    """
    if grams <= 0:
        raise LossMissing()
    if lot.kind is LotKind.PACKED or lot.state is not LotState.RECORDED:
        raise WrongKind(lot=lot.number)
    gone = tx.execute(
        update(Lot)
        .where(Lot.id == lot.id, enough(grams))
        .values(lost_grams=Lot.lost_grams + grams)
        .returning(Lot.used_grams + Lot.lost_grams)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if gone is None:
        left = lot.grams - lot.used_grams - lot.lost_grams
        raise OverConsumed(field="grams", lot=lot.number, left=kg_text(left))
    row = {"lot_id": lot.id, "grams": grams, "before_grams": gone - grams, "at": now}
    tx.add(LotLoss(**row, reason=reason))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="lose",
        organisation_id=cooperative.id,
        reason=reason,
        grams=grams,
    )
    events.emit(
        tx,
        kind="loss",
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=cooperative.id,
        lot=lot.number,
        cooperative=cooperative.code,
        grams=grams,
    )


def _lot(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Organisation]:
    found = tx.execute(
        select(Lot, Organisation)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Lot.public_id == lot_id)
        .with_for_update(of=Lot)
    ).one_or_none()
    if found is None:
        raise NotFound()
    actor.require(P.LOT_MAKE, found[0].cooperative_id)
    return found[0], found[1]
