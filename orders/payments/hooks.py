"""How a statement's debit lines find what was paid out, without payments knowing payouts.

Payouts stand left of payments and may not be imported here; `orders.register` hands their two
functions over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from orders.payments.rules import Outgoing
from shop.core.actors import Actor

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
    return _find(tx, references) if references else {}


def confirm_outgoing(tx: Session, shown: dict[int, int], actor: Actor, now: datetime) -> None:
    """Tell payouts which bank line shows which item leaving."""
    if shown:
        _confirm(tx, shown, actor, now)


def on_held(look: Held) -> None:
    """Let payouts look at money that went to suspense from now on; the last call counts."""
    global _held
    _held = look


def held(tx: Session, line_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Tell which credit lines of an import went to suspense."""
    if line_ids and _held is not None:
        _held(tx, line_ids, actor, now)
