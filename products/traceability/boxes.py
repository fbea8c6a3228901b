"""Packing units into boxes (装箱): which unit codes are in the box with which box code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.code_commands import NotOurCode, packed_lot
from products.traceability.minting import digest_of, our_speller
from products.traceability.models import Box, Code, CodeAllocation, CodeBatch
from products.traceability.states import CodeKind
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.organisations.models import Organisation


class NothingInBox(Refusal):
    """A box is packed with at least one unit, each scanned once, and at most a thousand."""

    code = "nothing_in_box"
    sentence = N_("请扫箱里每一件的码，每行一个，不重复，最多 1000 个。")
    status = 422
    field = "contents"


class BoxedAlready(Refusal):
    """A unit is in one box, and a box code stands on one box."""

    code = "boxed_already"
    sentence = N_("%(code)s 已经装过箱了。")
    field = "contents"


class NotBoxesNorUnits(Refusal):
    """A box holds units, or smaller boxes, and not both."""

    code = "not_boxes_nor_units"
    sentence = N_("一箱里要么都是单件，要么都是已经装好的小箱。")
    status = 422
    field = "contents"


class NothingToBox(Refusal):
    """To box a lot in order needs unit codes and box codes that are left."""

    code = "nothing_to_box"
    sentence = N_("没有可装的：还没装箱的单件码 %(units)s 个，空着的箱码 %(boxes)s 个。")
    field = "per_box"


@command
def pack_box(
    tx: Session,
    *,
    lot_id: str,
    box_code: str,
    contents: Sequence[str],
    actor: Actor,
    now: datetime,
) -> str:
    """Note what was put into one box, as scanned. Returns the box's public id.

    Args:
        box_code: the code on the box, as typed or scanned.
        contents: the codes of the units in it, or of the smaller boxes, all of this lot.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        NothingInBox, NotOurCode, BoxedAlready, NotBoxesNorUnits: see the classes.
    """
    lot = packed_lot(tx, lot_id, actor)
    if not 1 <= len(contents) <= 1000:
        raise NothingInBox()
    box = _code(tx, lot, box_code, "box_code")
    inside = [_code(tx, lot, typed, "contents") for typed in contents]
    kinds = {kind for _code_row, kind in inside}
    if box[1] is not CodeKind.BOX:
        raise NotOurCode(field="box_code", code=box_code.strip()[:40])
    keys = {(row.batch_id, row.serial) for row, _kind in inside}
    if len(keys) < len(inside) or (box[0].batch_id, box[0].serial) in keys:
        raise NothingInBox()
    if len(kinds) > 1:
        raise NotBoxesNorUnits()
    if _box_of(tx, box[0]) is not None:
        raise BoxedAlready(field="box_code", code=box_code.strip()[:40])
    if kinds == {CodeKind.UNIT}:
        return _units(tx, lot, box[0], [row for row, _kind in inside], contents, actor, now)
    return _boxes(tx, lot, box[0], [row for row, _kind in inside], contents, actor, now)


@command
def box_in_order(tx: Session, *, lot_id: str, per_box: int, actor: Actor, now: datetime) -> int:
    """Box a lot as it came off the roll: so many units to each box, both in order of their serials.

    Units and box codes that are boxed or withdrawn are passed over; what does not fill a box is
    left. Returns how many boxes were packed, at most a thousand at a time.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        NothingToBox: see the class.
    """
    lot = packed_lot(tx, lot_id, actor)
    tx.execute(select(Lot.id).where(Lot.id == lot.id).with_for_update())
    units = _free(tx, lot, CodeKind.UNIT)
    boxes = _free(tx, lot, CodeKind.BOX)
    full = min(len(boxes), len(units) // per_box if per_box > 0 else 0, 1000)
    if full == 0:
        raise NothingToBox(units=len(units), boxes=len(boxes))
    for place in range(full):
        _units(
            tx, lot, boxes[place], units[place * per_box : (place + 1) * per_box], (), actor, now
        )
    return full


def _free(tx: Session, lot: Lot, kind: CodeKind) -> list[Code]:
    """The codes of a lot that are in use and not boxed, in order."""
    statement = (
        select(Code)
        .join(CodeBatch, CodeBatch.id == Code.batch_id)
        .join(CodeAllocation, CodeAllocation.id == Code.allocation_id)
        .where(
            CodeAllocation.lot_id == lot.id,
            CodeBatch.kind == kind,
            Code.withdrawn_at.is_(None),
            Code.box_id.is_(None),
        )
        .order_by(Code.batch_id, Code.serial)
    )
    if kind is CodeKind.BOX:
        packed = select(Box.id).where(Box.batch_id == Code.batch_id, Box.serial == Code.serial)
        statement = statement.where(~packed.exists())
    return list(tx.execute(statement).scalars())


def _code(tx: Session, lot: Lot, typed: str, field: str) -> tuple[Code, CodeKind]:
    """A code of this lot in use, with its row locked.

    Raises:
        NotOurCode: it is none.
    """
    stored = our_speller().read(typed)
    row = tx.execute(
        select(Code, CodeBatch.kind)
        .join(CodeBatch, CodeBatch.id == Code.batch_id)
        .join(CodeAllocation, CodeAllocation.id == Code.allocation_id)
        .where(
            Code.digest == digest_of(stored or ""),
            CodeAllocation.lot_id == lot.id,
            Code.withdrawn_at.is_(None),
        )
        .with_for_update(of=Code)
    ).one_or_none()
    if row is None:
        raise NotOurCode(field=field, code=typed.strip()[:40])
    return row[0], row[1]


def _box_of(tx: Session, code: Code) -> Box | None:
    return tx.execute(
        select(Box)
        .where(Box.batch_id == code.batch_id, Box.serial == code.serial)
        .with_for_update()
    ).scalar_one_or_none()


def _units(
    tx: Session,
    lot: Lot,
    box: Code,
    units: Sequence[Code],
    typed: Sequence[str],
    actor: Actor,
    now: datetime,
) -> str:
    for place, unit in enumerate(units):
        if unit.box_id is not None:
            raise BoxedAlready(code=typed[place].strip()[:40])
    key, public_id = _new_box(tx, lot, box, len(units), now)
    for unit in units:
        unit.box_id = key
    _tell(tx, lot, public_id, box, [unit.digest for unit in units], actor, now)
    return public_id


def _boxes(
    tx: Session,
    lot: Lot,
    box: Code,
    inner: Sequence[Code],
    typed: Sequence[str],
    actor: Actor,
    now: datetime,
) -> str:
    rows = []
    for place, code in enumerate(inner):
        row = _box_of(tx, code)
        if row is None:
            raise NotOurCode(field="contents", code=typed[place].strip()[:40])
        if row.parent_id is not None:
            raise BoxedAlready(code=typed[place].strip()[:40])
        rows.append(row)
    key, public_id = _new_box(tx, lot, box, sum(row.units for row in rows), now)
    for row in rows:
        row.parent_id = key
    _tell(tx, lot, public_id, box, [code.digest for code in inner], actor, now)
    return public_id


def _new_box(tx: Session, lot: Lot, code: Code, units: int, now: datetime) -> tuple[int, str]:
    row = {
        "batch_id": code.batch_id,
        "serial": code.serial,
        "lot_id": lot.id,
        "units": units,
        "packed_at": now,
    }
    key, public_id = tx.execute(insert(Box).returning(Box.id, Box.public_id), row).one()
    return key, public_id


def _tell(
    tx: Session,
    lot: Lot,
    box_id: str,
    box: Code,
    contents: Sequence[bytes],
    actor: Actor,
    now: datetime,
) -> None:
    cooperative = tx.get_one(Organisation, lot.cooperative_id)
    events.emit(
        tx,
        kind="boxing",
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=lot.cooperative_id,
        lot=lot.number,
        cooperative=cooperative.code,
        box=box.digest.hex(),
        units=[digest.hex() for digest in contents],
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="pack_box",
        organisation_id=lot.cooperative_id,
        box=box_id,
        contents=len(contents),
    )
