"""How a statement's lines find what other parts know of, without payments knowing those parts.

Payouts, interest and what else may explain a line stand left of payments and may not be imported
here; `orders.register` hands their functions over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from orders.ledger.posting import AccountKey
from orders.payments.rules import Explained, Outgoing
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.money import Money

#: Items in transit or unknown (or confirmed, but not yet seen in a statement), by reference.
Find = Callable[[Session, Collection[str]], dict[str, Outgoing]]

#: (tx, item key → bank line key, actor, now): the statement shows these items leaving.
Confirm = Callable[[Session, dict[int, int], Actor, datetime], None]


def _find_nothing(_tx: Session, _references: Collection[str]) -> dict[str, Outgoing]:
    return {}


def _confirm_nothing(_tx: Session, shown: dict[int, int], _actor: Actor, _now: datetime) -> None:
    assert not shown, "nothing was found, so nothing is confirmed"


#: (tx, keys of credit lines that went to suspense, actor, now): some may be payouts sent back.
Held = Callable[[Session, Sequence[int], Actor, datetime], None]

_find: Find = _find_nothing
_confirm: Confirm = _confirm_nothing
_held: Held | None = None


def on_outgoing(find: Find, confirm: Confirm) -> None:
    """Let payouts be found and confirmed from now on; the last call counts."""
    global _find, _confirm
    _find, _confirm = find, confirm


def find_outgoing(tx: Session, references: Collection[str]) -> dict[str, Outgoing]:
    """What these references name among the payouts that a debit line may show."""
    found: dict[str, Outgoing] = {}
    for part in bulk.in_parts(references):
        found |= _find(tx, part)
    return found


def confirm_outgoing(tx: Session, shown: dict[int, int], actor: Actor, now: datetime) -> None:
    """Tell payouts which bank line shows which item leaving."""
    if shown:
        _confirm(tx, shown, actor, now)


# --- lines that are neither a purchase's money nor a payout leaving -----------------------------


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A line nothing names: `amount` above zero came in; `codes` are valid codes in its memo."""

    amount: Money
    counterparty: str
    memo: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A booked line and what it was explained as.

    `against` is where a credit's money is taken from: custody at import, the line's own suspense
    afterwards. A debit's money goes to custody.
    """

    line_id: int
    public_id: str
    at: datetime
    amount: Money
    explained: Explained
    against: AccountKey


class Explainer(Protocol):
    """A part that may say what a line is: money due from a cooperative, a payout come back…"""

    #: Kept with the line for ever, such as ``returned_payout``.
    name: str
    #: What a page calls it, a Chinese source sentence.
    label: str

    def find(self, tx: Session, lines: Sequence[Unnamed]) -> dict[int, Explained]:
        """Those of these lines (by index) it is sure about; asked at preview and at import."""
        ...

    def book(self, tx: Session, shown: Sequence[Shown], actor: Actor, now: datetime) -> None:
        """Post these lines; journals are `about` the line's public id. One transaction."""
        ...

    def may_undo(self, tx: Session, line_ids: Collection[int]) -> bool:
        """Whether the journals of these lines may be reversed; it forgets them if so."""
        ...


_explainers: dict[str, Explainer] = {}


def explain_by(explainer: Explainer) -> None:
    """Let a part explain lines from now on; by its name, the last call counts."""
    _explainers[explainer.name] = explainer


def explainers() -> list[Explainer]:
    """The parts that explain lines, in the order they came."""
    return list(_explainers.values())


def find_explained(tx: Session, lines: dict[int, Unnamed]) -> dict[int, Explained]:
    """What the other parts know these lines (by index) to be; the first that knows one has it."""
    found: dict[int, Explained] = {}
    for explainer in explainers():
        rest = [index for index in lines if index not in found]
        known = explainer.find(tx, [lines[index] for index in rest])
        found |= {rest[place]: explained for place, explained in known.items()}
    return found


def book_explained(tx: Session, shown: Sequence[Shown], actor: Actor, now: datetime) -> None:
    """Let each part post the lines it explained."""
    for explainer in explainers():
        mine = [one for one in shown if one.explained.by == explainer.name]
        if mine:
            explainer.book(tx, mine, actor, now)


def undo_explained(tx: Session, lines: dict[str, list[int]]) -> bool:
    """Whether every part lets go of the lines (by its name) it explained."""
    return all(
        name in _explainers and _explainers[name].may_undo(tx, ids) for name, ids in lines.items()
    )


def on_held(look: Held) -> None:
    """Let payouts look at money that went to suspense from now on; the last call counts."""
    global _held
    _held = look


def held(tx: Session, line_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Tell which credit lines of an import went to suspense."""
    if line_ids and _held is not None:
        _held(tx, line_ids, actor, now)
