"""An auditor who trusts nobody: every figure of a story anew, from its file alone.

Imports nothing of the shop, so that no mistake is made twice. Exact arithmetic with fractions;
whole fen only where the rules say that something is rounded. Written from docs/money.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

Json = dict[str, Any]


class Impossible(Exception):
    """The event cannot happen as things stand."""


def rounded(exact: Fraction) -> int:
    """To whole fen, half up."""
    return floor(exact + Fraction(1, 2))


def shared(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainder; ties to the smaller name, byte by byte."""
    whole = sum(weights.values())
    if not amount:
        return dict.fromkeys(weights, 0)
    exact = {name: Fraction(amount * weight, whole) for name, weight in weights.items()}
    got = {name: floor(part) for name, part in exact.items()}
    left = amount - sum(got.values())
    for name in sorted(exact, key=lambda n: (got[n] - exact[n], n.encode()))[:left]:
        got[name] += 1
    return got


@dataclass
class Goods:
    """A delivery or a lot: grams, and per household its value and what of it was paid."""

    grams: int
    value: dict[str, int]
    paid: dict[str, int]
    used: int = 0

    def take(self, grams: int) -> tuple[dict[str, int], dict[str, int]]:
        """What a withdrawal carries away."""
        before, self.used = Fraction(self.used, self.grams), self.used + grams
        after = Fraction(self.used, self.grams)
        assert after <= 1

        def step(figures: dict[str, int]) -> dict[str, int]:
            return {who: floor(x * after) - floor(x * before) for who, x in figures.items()}

        return step(self.value), step(self.paid)


@dataclass
class Settled:
    """What runs have posted for one household in one lot."""

    share: int = 0
    set_off: int = 0
    uncovered: int = 0


@dataclass
class Moved:
    """How a household's set-off and second payment in one lot move in a run."""

    who: str
    set_off: int
    second: int
    recovered: int = 0

    def is_back(self, shelf: Shelf) -> bool:
        return min(self.set_off, self.second) < 0 or shelf.settled[self.who].uncovered > 0


def _moved(shelf: Shelf, who: str, share: int) -> Moved:
    had = shelf.settled.setdefault(who, Settled())
    set_off = min(share, shelf.paid[who])
    return Moved(who, set_off - had.set_off, (share - set_off) - (had.share - had.set_off))


@dataclass
class Shelf:
    """A packed lot on the shelf, and its money."""

    left: int
    weights: dict[str, int]
    paid: dict[str, int]
    pool: int = 0
    settled: dict[str, Settled] = field(default_factory=dict)


@dataclass
class Acceptance:
    kept: int
    owed: int


@dataclass
class Order:
    lot: str
    open: int
    escrow: int = 0
    acceptances: list[Acceptance] = field(default_factory=list)

    @property
    def owed(self) -> int:
        return sum(one.owed for one in self.acceptances)

    @property
    def kept(self) -> int:
        return sum(one.kept for one in self.acceptances)


class Auditor:
    """Follows a story event by event."""

    def __init__(self, story: Json) -> None:
        self.price: int = story["price_fen"]
        self.parts: dict[str, int] = story["composition"]
        self.names = sorted(
            {one["household"] for one in story["deliveries"]}, key=lambda name: name.encode()
        )
        self.lot_names = [lot["id"] for lot in story["lots"]]
        self.goods: dict[str, Goods] = {}
        self.shelves: dict[str, Shelf] = {}
        self.orders: dict[str, Order] = {}
        self.payable = dict.fromkeys(self.names, 0)
        self.in_transit = dict.fromkeys(self.names, 0)
        self.paid_out = dict.fromkeys(self.names, 0)
        self.custody = self.refunded = 0
        self.cooperative = self.due = self.carrier = self.platform = 0
        for one in story["deliveries"]:
            value = rounded(Fraction(one["grams"] * one["fen_per_kg"], 1000))
            who = one["household"]
            self.goods[one["id"]] = Goods(
                one["grams"], {who: value}, {who: value if one["paid"] else 0}
            )
        for lot in story["lots"]:
            self._make(lot)

    def _make(self, lot: Json) -> None:
        made = Goods(lot["grams"], {}, {})
        for taken in lot["inputs"]:
            value, paid = self.goods[taken["from"]].take(taken["grams"])
            for who in value:
                made.value[who] = made.value.get(who, 0) + value[who]
                made.paid[who] = made.paid.get(who, 0) + paid[who]
        self.goods[lot["id"]] = made
        if "units" in lot:
            self.shelves[lot["id"]] = Shelf(lot["units"], made.value, made.paid)

    # --- events -----------------------------------------------------------------------------

    def happen(self, event: Json) -> None:
        getattr(self, f"_{event['do']}")(**{k: v for k, v in event.items() if k != "do"})

    def _order(self, id: str, lot: str, units: int) -> None:
        shelf = self.shelves[lot]
        if units > shelf.left:
            raise Impossible
        shelf.left -= units
        self.orders[id] = Order(lot, units)

    def open_fen(self, order: str) -> int:
        """What may still be paid for an order."""
        one = self.orders[order]
        return one.owed + one.open * self.price - one.escrow

    def _pay(self, order: str, fen: int) -> None:
        if fen > self.open_fen(order):
            raise Impossible
        one = self.orders[order]
        self.custody += fen
        for acceptance in one.acceptances:
            part = min(fen, acceptance.owed)
            acceptance.owed -= part
            fen -= part
        one.escrow += fen

    def _accept(self, order: str, units: int) -> None:
        one = self.orders[order]
        if units > one.open:
            raise Impossible
        one.open -= units
        value = units * self.price
        covered = min(value, one.escrow)
        one.escrow -= covered
        one.acceptances.append(Acceptance(units, value - covered))
        self.shelves[one.lot].pool += units * self.parts["households"]
        self.cooperative += units * self._sellers
        self.carrier += units * self.parts["freight"]
        self.platform += units * self.parts["platform"]

    @property
    def _sellers(self) -> int:
        return sum(self.parts[name] for name in ("processing", "packing", "cooperative", "tax"))

    def _short(self, order: str, units: int) -> None:
        one = self.orders[order]
        if units > one.open:
            raise Impossible
        one.open -= units
        self.shelves[one.lot].left += units
        beyond = max(0, one.escrow - one.open * self.price)
        one.escrow -= beyond
        self._refund(beyond)

    def _refund(self, fen: int) -> None:
        self.custody -= fen
        self.refunded += fen

    def _return(self, order: str, units: int) -> None:
        one = self.orders[order]
        if units > one.kept:
            raise Impossible
        self.shelves[one.lot].pool -= units * self.parts["households"]
        self.platform -= units * self.parts["platform"]
        self._owes(units * (self._sellers + self.parts["freight"]))
        while units:  # one after the other, the newest first
            acceptance = [a for a in one.acceptances if a.kept][-1]
            acceptance.kept -= 1
            credited = min(self.price, acceptance.owed)
            acceptance.owed -= credited
            self._refund(self.price - credited)
            units -= 1

    def _owes(self, fen: int) -> None:
        """The cooperative gives up fen of its payable, and owes what that cannot cover."""
        given = min(fen, self.cooperative)
        self.cooperative -= given
        self.due += fen - given

    # --- settlement -------------------------------------------------------------------------

    def counted(self, lot: str) -> int:
        """Units of a lot accepted, paid in full and kept."""
        return sum(
            acceptance.kept
            for order in self.orders.values()
            if order.lot == lot
            for acceptance in order.acceptances
            if not acceptance.owed
        )

    def _settle(self) -> None:
        moves = []
        for name, shelf in self.shelves.items():
            shares = shared(self.counted(name) * self.parts["households"], shelf.weights)
            moves.append((shelf, [_moved(shelf, who, share) for who, share in shares.items()]))
        for shelf, lines in moves:
            for line in lines:
                self._rise(shelf, line)
        # Lots in which somebody gives back, or has something recovered, come last.
        for last in (False, True):
            for shelf, lines in moves:
                if any(line.is_back(shelf) for line in lines) is last:
                    self._settle_lot(shelf, lines)

    def _rise(self, shelf: Shelf, line: Moved) -> None:
        had = shelf.settled[line.who]
        line.recovered = min(max(0, line.second), had.uncovered)
        self.payable[line.who] += max(0, line.second) - line.recovered

    def _settle_lot(self, shelf: Shelf, lines: list[Moved]) -> None:
        covered = 0
        for line in lines:
            had = shelf.settled[line.who]
            given = min(max(0, -line.second), self.payable[line.who])
            self.payable[line.who] -= given
            covered += max(0, -line.second) - given
            had.uncovered += max(0, -line.second) - given - line.recovered
            shelf.pool -= line.set_off + line.second
            had.share += line.set_off + line.second
            had.set_off += line.set_off
        recovered = sum(line.recovered for line in lines)
        from_due = min(recovered, self.due)
        self.due -= from_due
        set_off = sum(line.set_off for line in lines)
        self.cooperative += recovered - from_due + max(0, set_off)
        self._owes(max(0, -set_off))
        self.due += covered

    # --- payouts ----------------------------------------------------------------------------

    def _payout(self) -> None:
        for who in self.names:
            if not self.in_transit[who]:
                self.in_transit[who], self.payable[who] = self.payable[who], 0

    def _payout_result(self, household: str, ok: bool) -> None:
        fen = self.in_transit.get(household, 0)
        if not fen:
            raise Impossible
        self.in_transit[household] = 0
        if ok:
            self.paid_out[household] += fen
            self.custody -= fen
        else:
            self.payable[household] += fen

    def set_off(self) -> dict[tuple[str, str], int]:
        """What of each household's share in each lot has gone back to the cooperative."""
        return {
            (name, who): posted.set_off
            for name, shelf in self.shelves.items()
            for who, posted in shelf.settled.items()
        }

    # --- what the shop has to say -----------------------------------------------------------

    def figures(self) -> Json:
        """The output of the scenario command for what has happened so far."""
        attributed = dict.fromkeys(self.names, 0)
        leaf_paid = dict.fromkeys(self.names, 0)
        second = dict.fromkeys(self.names, 0)
        for name, shelf in self.shelves.items():
            for who, fen in shared(self.counted(name) * self.price, shelf.weights).items():
                attributed[who] += fen
            for who, fen in shelf.paid.items():
                leaf_paid[who] += fen
            for who, posted in shelf.settled.items():
                second[who] += max(0, posted.share - shelf.paid[who])
        return {
            "households": {
                who: {
                    "attributed_fen": attributed[who],
                    "leaf_paid_fen": leaf_paid[who],
                    "second_payment_fen": second[who],
                    "payable_fen": self.payable[who],
                    "in_transit_fen": self.in_transit[who],
                    "paid_out_fen": self.paid_out[who],
                }
                for who in self.names
            },
            "cooperative_fen": self.cooperative,
            "carrier_fen": self.carrier,
            "platform_fen": self.platform,
            "custody_fen": self.custody,
            "escrow_fen": sum(order.escrow for order in self.orders.values()),
            "receivable_fen": sum(order.owed for order in self.orders.values()),
            "refunded_fen": self.refunded,
            "reserve_fen": 0,
            "due_from_cooperative_fen": self.due,
            "lots": {
                name: {"pool_fen": self.shelves[name].pool if name in self.shelves else 0}
                for name in self.lot_names
            },
            "check_books": "ok",
        }


def balance_sheet(figures: Json) -> tuple[int, int]:
    """Both sides of a story's output: what is there or due, and what is owed."""
    households = figures["households"].values()
    assets = (
        figures["custody_fen"] + figures["receivable_fen"] + figures["due_from_cooperative_fen"]
    )
    owed = (
        figures["escrow_fen"]
        + sum(one["payable_fen"] + one["in_transit_fen"] for one in households)
        + figures["cooperative_fen"]
        + figures["carrier_fen"]
        + figures["platform_fen"]
        + figures["reserve_fen"]
        + sum(lot["pool_fen"] for lot in figures["lots"].values())
    )
    return assets, owed
