"""Reading what could be paid now: sums, who is left out and why, exceptions first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.orm import Session

from orders.payouts.covering import cover
from orders.payouts.ready import Ready, ready
from orders.payouts.rules import Cover, Obstacle
from orders.payouts.states import PayoutKind
from shop.core.actors import Actor
from shop.core.money import Money
from shop.core.permissions import Permission

#: Rows on one page.
PAGE = 100


@dataclass(frozen=True, slots=True)
class KindSum:
    """What of one kind can be paid now."""

    kind: PayoutKind
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """What a batch drafted now would hold: sums by kind, who is left out, exceptions, the rest.

    `custody` is what lies there for whom; `waits` comes to what buyers have not paid yet, and
    `uncovered` to what custody does not cover. Of the three lists, in this order, what stands on
    one `page` of `pages`.
    """

    sums: tuple[KindSum, ...]
    total: Money
    custody: Cover
    waits: Money
    uncovered: Money
    left_out: tuple[Ready, ...]
    flagged: tuple[Ready, ...]
    plain: tuple[Ready, ...]
    count: int
    page: int
    pages: int


def owed_now(tx: Session, actor: Actor, page: int = 1) -> ReadyPage:
    """What a batch drafted now would hold, exceptions first."""
    actor.require(Permission.PLATFORM_READ)
    custody = cover(tx)
    rows = ready(tx, custody=custody)
    good = [row for row in rows if row.obstacle is None]
    lists = (
        [row for row in rows if row.obstacle is not None],
        [row for row in good if row.flags],
        [row for row in good if not row.flags],
    )
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 1), pages)
    here = list(chain(*lists))[(page - 1) * PAGE : page * PAGE]
    shown_here = [row._replace(name=shown(row.name, actor)) for row in here]
    return ReadyPage(
        sums=_sums_of(good),
        total=_sum(good),
        custody=custody,
        waits=_sum(row for row in rows if row.obstacle is Obstacle.BUYERS_OWE),
        uncovered=_sum(row for row in rows if row.obstacle is Obstacle.NOT_COVERED),
        left_out=tuple(row for row in shown_here if row.obstacle is not None),
        flagged=tuple(row for row in shown_here if row.obstacle is None and row.flags),
        plain=tuple(row for row in shown_here if row.obstacle is None and not row.flags),
        count=len(good),
        page=page,
        pages=pages,
    )


def _sum(rows: Iterable[Ready]) -> Money:
    return Money(sum(row.fen for row in rows))


def _sums_of(rows: Sequence[Ready]) -> tuple[KindSum, ...]:
    fen: dict[PayoutKind, list[int]] = defaultdict(list)
    for row in rows:
        fen[row.kind].append(row.fen)
    return tuple(
        KindSum(kind, len(fen[kind]), Money(sum(fen[kind]))) for kind in PayoutKind if kind in fen
    )


def shown(name: str, actor: Actor) -> str:
    """A payee's name; a person's (up to four characters) is masked for who only reads."""
    works = actor.may(Permission.PAYOUT_DRAFT) or actor.may(Permission.PAYOUT_APPROVE)
    return name if works or len(name) > 4 else name[:1] + "*" * (len(name) - 1)
