"""Random lot graphs through the real commands, and what must hold of them, counted anew.

The counting here knows the tables and the ladder's formula, not the code that carries shares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select

from products.lots.freezing import freeze, lift
from products.lots.models import Lot, LotInput, LotLoss, StandingShare
from products.lots.states import FreezeCause, LotKind, LotState
from shop.core import db
from shop.core.errors import Refusal
from tests.products.gate import NOON, Gate

#: Milligrams, fen of value, fen paid at the gate.
Figures = tuple[int, int, int]
NOTHING: Figures = (0, 0, 0)


class Act(NamedTuple):
    """One thing somebody tries: what, and three numbers that choose among what there is."""

    name: str
    which: int
    other: int
    much: int


@dataclass
class Workshop:
    """A gate where random things happen; what is refused does not."""

    gate: Gate
    huang: str
    lots: list[str] = field(default_factory=list)
    leaf: list[str] = field(default_factory=list)
    done: int = 0
    refused: int = 0

    def try_(self, act: Act) -> None:
        """Do it, or be refused."""
        try:
            getattr(self, act.name)(act)
        except Refusal:
            self.refused += 1
        else:
            self.done += 1

    def deliver(self, act: Act) -> None:
        """A household brings leaf."""
        who = (self.gate.zhang, self.gate.li, self.huang)[act.which % 3]
        grams = 50 + act.much % 90_000
        price = f"{1 + act.other % 200}.{act.other % 100:02d}"
        payment = {} if act.other % 2 else {"payment": self.gate.consignment}
        lot = self.gate.leaf(who, f"{grams // 1000}.{grams % 1000:03d}", price, **payment)
        self.lots.append(lot)
        self.leaf.append(lot)

    def process(self, act: Act) -> None:
        """Something is made of one or two lots, with loss."""
        inputs = self._inputs(act)
        went_in = sum(grams for _lot, grams in inputs)
        self.lots.append(self.gate.rough(inputs, 1 + (went_in - 1) * (act.much % 7) // 8))

    def blend(self, act: Act) -> None:
        """One or two lots become one."""
        inputs = self._inputs(act)
        self.lots.append(self.gate.blend(inputs, sum(grams for _lot, grams in inputs)))

    def part(self, act: Act) -> None:
        """A lot is divided in two, wholly or not."""
        lot, grams = self._some(act.which, act.much)
        first = 1 + act.other % max(1, grams)
        weights = [first, grams - first] if grams > first else [first]
        self.lots.extend(self.gate.parts(lot, *weights))

    def sort(self, act: Act) -> None:
        """Stems are sorted out."""
        lot, grams = self._some(act.which, act.much)
        self.lots.append(self.gate.stems(lot, 1 + grams // 10))

    def lose(self, act: Act) -> None:
        """Some is lost."""
        self.gate.lose(*self._some(act.which, act.much))

    def pack(self, act: Act) -> None:
        """Tins are filled."""
        lot, grams = self._some(act.which, act.much)
        units = grams // 250
        self.lots.append(self.gate.pack([(lot, units * 250)], units))

    def correct(self, act: Act) -> None:
        """A delivery was another weight, price, payment, or another household's."""
        self.gate.correct(
            self.leaf[act.which % len(self.leaf)],
            1 + act.much % 90_000,
            f"{1 + act.other % 150}.5",
            household_id=(self.gate.zhang, self.gate.li, self.huang)[act.other % 3],
            **({} if act.much % 2 else {"payment": self.gate.consignment}),
        )

    def stop(self, act: Act) -> None:
        """A lot is frozen, or moves again."""
        lot = self._pick(act.which)
        about = {"about": f"dispute_{lot[4:]}", "reason": "来源有争议"}
        who = {"actor": self.gate.manager, "now": NOON}
        with db.database().writing() as tx:
            key = tx.execute(select(Lot.id).where(Lot.public_id == lot)).scalar_one()
            if not freeze(tx, [key], cause=FreezeCause.DISPUTE, **about, **who):
                lift(tx, **about, **who)

    def _pick(self, number: int) -> str:
        if not self.lots:
            raise Refusal()
        return self.lots[number % len(self.lots)]

    def _some(self, which: int, much: int) -> tuple[str, int]:
        """Some or all of what is left of a lot; of an empty one a gram too much."""
        lot = self.gate.lot(self._pick(which))
        left = lot.grams - lot.used_grams - lot.lost_grams
        if lot.kind is LotKind.PACKED:
            left = lot.grams
        return lot.public_id, left if much % 3 == 0 else 1 + much % (left + 1)

    def _inputs(self, act: Act) -> list[tuple[str, int]]:
        first, second = self._some(act.which, act.much), self._some(act.other, act.much // 7)
        return [first] if first[0] == second[0] else [first, second]


class Counted(NamedTuple):
    """A lot as the tables have it."""

    kind: LotKind
    grams: int
    gone: int
    shares: dict[int, Figures]
    taken: list[tuple[int, int, int]]
    lost: list[tuple[int, int]]


def counted() -> dict[int, Counted]:
    """Every lot that stands: shares by household, (child, grams, before) and (grams, before)."""
    shares: dict[int, dict[int, Figures]] = defaultdict(dict)
    taken: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    lost: dict[int, list[tuple[int, int]]] = defaultdict(list)
    with db.database().reading() as tx:
        for row in tx.execute(select(StandingShare)).scalars():
            figures = (row.milligrams, row.value.fen, row.paid.fen)
            shares[row.lot_id][row.household_id] = figures
        for edge in tx.execute(select(LotInput)).scalars():
            taken[edge.parent_id].append((edge.child_id, edge.grams, edge.before_grams))
        for loss in tx.execute(select(LotLoss)).scalars():
            lost[loss.lot_id].append((loss.grams, loss.before_grams))
        lots = tx.execute(select(Lot).where(Lot.state == LotState.RECORDED)).scalars().all()
    return {
        lot.id: Counted(
            lot.kind,
            lot.grams,
            lot.used_grams + lot.lost_grams,
            shares[lot.id],
            taken[lot.id],
            lost[lot.id],
        )
        for lot in lots
    }


def must_hold(lots: dict[int, Counted]) -> None:
    """Mass and value are conserved in every lot and over all of them."""
    parents: dict[int, int] = defaultdict(int)
    for lot in lots.values():
        for child, _grams, _before in lot.taken:
            parents[child] += 1
    for lot in lots.values():
        _tiled(lot)
        for household, whole in lot.shares.items():
            _near(lot, household, whole, lots, parents)
    _conserved(lots)


def _tiled(lot: Counted) -> None:
    """What was taken and lost lies end to end from nothing to what is gone."""
    moves = sorted([(before, grams) for _c, grams, before in lot.taken] + [
        (before, grams) for grams, before in lot.lost
    ])  # fmt: skip
    at = 0
    for before, grams in moves:
        assert before == at
        at += grams
    assert at == lot.gone <= lot.grams


def _near(
    lot: Counted,
    household: int,
    whole: Figures,
    lots: dict[int, Counted],
    parents: dict[int, int],
) -> None:
    """Lots made of this one alone have their part: nearly at once, exactly once it is used up."""
    alone = [move for move in lot.taken if parents[move[0]] == 1]
    lost = [_ladder(lot, household, before, before + grams) for grams, before in lot.lost]
    for child, grams, _before in alone:
        got = lots[child].shares.get(household, NOTHING)
        for figure, exact in zip(got, whole, strict=True):
            assert abs(figure * lot.grams - exact * grams) < lot.grams
    if lot.gone == lot.grams and len(alone) == len(lot.taken):
        gave = [lots[child].shares.get(household, NOTHING) for child, _g, _b in alone] + lost
        assert _sum(gave) == whole


def _conserved(lots: dict[int, Counted]) -> None:
    """What was delivered is what is left in every lot, by the ladder, and what was lost."""
    delivered: dict[int, list[Figures]] = defaultdict(list)
    found: dict[int, list[Figures]] = defaultdict(list)
    for lot in lots.values():
        for household, whole in lot.shares.items():
            if lot.kind is LotKind.DELIVERY:
                delivered[household].append(whole)
            found[household].append(_ladder(lot, household, lot.gone, lot.grams))
            for grams, before in lot.lost:
                found[household].append(_ladder(lot, household, before, before + grams))
    assert {who: _sum(all_) for who, all_ in found.items()} == {
        who: _sum(all_) for who, all_ in delivered.items()
    }


def _ladder(lot: Counted, household: int, before: int, after: int) -> Figures:
    def part(whole: int) -> int:
        return whole * after // lot.grams - whole * before // lot.grams

    milligrams, value, paid = lot.shares[household]
    return part(milligrams), part(value), part(paid)


def _sum(figures: list[Figures]) -> Figures:
    return tuple(sum(column) for column in zip(*figures, strict=True))  # type: ignore[return-value]


ACTS: tuple[str, ...] = (
    "deliver", "deliver", "process", "process", "blend", "blend", "part", "sort",
    "lose", "pack", "correct", "correct", "stop",
)  # fmt: skip

assert all(isinstance(getattr(Workshop, name), Callable) for name in ACTS)  # type: ignore[arg-type]
