"""Taking goods out of lots: exactly, under lock, with the shares they carry.

Plain steps that work in their caller's transaction; the commands that make lots share them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.lots.freezing import moving, refuse_frozen
from products.lots.models import Lot, LotInput, LotShare, StandingShare
from products.lots.rules import Share
from products.lots.sharing import build_shares
from products.lots.states import LotKind, LotState
from shop.core import events
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.weight import kg_text
from shop.organisations.models import Organisation

Inputs = Sequence[tuple[str, int]]


class NothingTaken(Refusal):
    """A lot is made of something: at least one input, each of at least one gram, none twice."""

    code = "nothing_taken"
    sentence = N_("请选投料的批次，并填每批用多少公斤；同一批只选一次。")
    status = 422
    field = "inputs"


class OverConsumed(Refusal):
    """More was asked of a lot than is left of it (超用)."""

    code = "over_consumed"
    sentence = N_("批次 %(lot)s 只剩 %(left)s 公斤，不够用。没有记录，请改数量。")
    field = "inputs"


class WrongKind(Refusal):
    """This step does not take lots of that kind, or the lot is voided."""

    code = "wrong_kind"
    sentence = N_("批次 %(lot)s 不能用在这一步。")
    field = "inputs"


class CategoriesDiffer(Refusal):
    """Lots of different categories do not go into one."""

    code = "categories_differ"
    sentence = N_("投料的品类要相同，不能把不同品类放进一个批次。")
    field = "inputs"


@dataclass(frozen=True, slots=True)
class Parent:
    """A lot that goods are taken from, as it was when recorded."""

    id: int
    public_id: str
    number: str
    kind: LotKind
    category: Category
    name: str
    grade: str
    grams: int
    harvest_from: date
    harvest_to: date
    certificate: str


@dataclass(frozen=True, slots=True)
class Taken:
    """`grams` taken from `parent`, after `before` had been taken by earlier lots."""

    parent: Parent
    grams: int
    before: int


@dataclass(frozen=True, slots=True)
class Mixture:
    """Everything taken for one new lot, and what it carries."""

    taken: tuple[Taken, ...]
    households: int

    @property
    def grams(self) -> int:
        """What went in altogether."""
        return sum(take.grams for take in self.taken)

    @property
    def category(self) -> Category:
        """The category all parents share."""
        return self.taken[0].parent.category

    @property
    def harvest(self) -> tuple[date, date]:
        """The first and the last harvest day behind it."""
        parents = [take.parent for take in self.taken]
        return min(p.harvest_from for p in parents), max(p.harvest_to for p in parents)

    @property
    def is_mixed(self) -> bool:
        """Whether several lots or several households stand behind it (混装)."""
        return len(self.taken) > 1 or self.households > 1


def take(tx: Session, cooperative_id: int, inputs: Inputs, allowed: frozenset[LotKind]) -> Mixture:
    """Take the inputs out of their lots, in the order of their keys.

    Each parent is charged by one guarded statement, which also locks it: whoever comes second
    sees what the first left.

    Args:
        cooperative_id: internal key; lots of others are not found.
        inputs: public lot id and grams, at least one.
        allowed: the kinds of lots this step takes.

    Raises:
        NothingTaken, NotFound, WrongKind, CategoriesDiffer, OverConsumed, LotFrozen.
    """
    wanted = dict(inputs)
    if not wanted or len(wanted) < len(inputs) or min(wanted.values()) <= 0:
        raise NothingTaken()
    parents = _parents(tx, cooperative_id, wanted)
    for _public_id, parent in parents:
        if parent.kind not in allowed:
            raise WrongKind(lot=parent.number)
    if len({parent.category for _public_id, parent in parents}) > 1:
        raise CategoriesDiffer()
    taken = tuple(_consume(tx, parent, wanted[public_id]) for public_id, parent in parents)
    return Mixture(taken, _households(tx, taken))


def enough(grams: int) -> ColumnElement[bool]:
    """That so much is left of a lot; asked in the statement that takes it."""
    return Lot.used_grams + Lot.lost_grams + grams <= Lot.grams


def write_inputs(tx: Session, child: Lot, mixture: Mixture) -> None:
    """Write down what went into a lot, and freeze the shares behind it."""
    tx.execute(
        insert(LotInput),
        [
            {
                "child_id": child.id,
                "parent_id": take.parent.id,
                "grams": take.grams,
                "before_grams": take.before,
            }
            for take in mixture.taken
        ],
    )
    build_shares(tx, [child.id])


def write_shares(tx: Session, lot: Lot, shares: Iterable[Share]) -> None:
    """Freeze the shares behind a lot; so little may have been taken that there are none."""
    insert_shares(tx, ((lot.id, 1, share) for share in shares))


def insert_shares(tx: Session, shares: Iterable[tuple[int, int, Share]]) -> None:
    """Write shares down: internal key of the lot, version, share."""
    rows = [
        {
            "lot_id": lot_id,
            "version": version,
            "household_id": share.household_id,
            "milligrams": share.milligrams,
            "value": share.value,
            "paid": share.paid,
        }
        for lot_id, version, share in shares
    ]
    if rows:
        tx.execute(insert(LotShare), rows)


def standing(tx: Session, lot_ids: Collection[int]) -> dict[int, list[Share]]:
    """The shares that stand behind lots, by internal key; lots nobody stands behind are empty."""
    found: dict[int, list[Share]] = {lot_id: [] for lot_id in lot_ids}
    for row in tx.execute(select(StandingShare).where(StandingShare.lot_id.in_(lot_ids))).scalars():
        found[row.lot_id].append(Share(row.household_id, row.milligrams, row.value, row.paid))
    return found


def _parents(tx: Session, cooperative_id: int, wanted: dict[str, int]) -> list[tuple[str, Parent]]:
    rows = tx.execute(
        select(
            Lot.id,
            Lot.public_id,
            Lot.number,
            Lot.kind,
            Lot.category,
            Lot.name,
            Lot.grade,
            Lot.grams,
            Lot.harvest_from,
            Lot.harvest_to,
            Lot.certificate,
        )
        .where(Lot.public_id.in_(wanted), Lot.cooperative_id == cooperative_id)
        .order_by(Lot.id)
    )
    parents = [(row.public_id, Parent(*row)) for row in rows]
    if len(parents) < len(wanted):
        raise NotFound(field="inputs")
    return parents


def _consume(tx: Session, parent: Parent, grams: int) -> Taken:
    used = tx.execute(
        update(Lot)
        .where(
            Lot.id == parent.id,
            Lot.state == LotState.RECORDED,
            moving(),
            enough(grams),
        )
        .values(used_grams=Lot.used_grams + grams)
        .returning(Lot.used_grams + Lot.lost_grams)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if used is None:
        state, left = tx.execute(
            select(Lot.state, Lot.grams - Lot.used_grams - Lot.lost_grams).where(
                Lot.id == parent.id
            )
        ).one()
        if state is not LotState.RECORDED:
            raise WrongKind(lot=parent.number)
        refuse_frozen(tx, [parent.id])
        raise OverConsumed(lot=parent.number, left=kg_text(left))
    return Taken(parent, grams, used - grams)


def _households(tx: Session, taken: Sequence[Taken]) -> int:
    """How many households stand behind the parents."""
    return tx.execute(
        select(func.count(StandingShare.household_id.distinct())).where(
            StandingShare.lot_id.in_([take.parent.id for take in taken])
        )
    ).scalar_one()


def write_event(
    tx: Session,
    cooperative: Organisation,
    lot: Lot,
    mixture: Mixture,
    now: datetime,
    **facts: Any,
) -> None:
    """Write down as a fact of the trade what was made of what."""
    events.emit(
        tx,
        kind=lot.kind.value,
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=cooperative.id,
        lot=lot.number,
        cooperative=cooperative.code,
        category=lot.category.value,
        goods=lot.name,
        grade=lot.grade,
        grams=lot.grams,
        inputs=[
            {"lot": take.parent.number, "thing": take.parent.public_id, "grams": take.grams}
            for take in mixture.taken
        ],
        certificate=lot.certificate,
        **facts,
    )
