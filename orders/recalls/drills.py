"""A drill (演练): the whole recall but the freezing, against the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orders.recalls import commands, queries
from orders.recalls.report import report
from orders.recalls.rows import RecallPage
from orders.recalls.scope import Scope
from orders.recalls.states import RecallReason
from shop.core import db
from shop.core.actors import Actor
from shop.printing.rows import as_workbook


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill came to: its page as it stands, and the workbook it ends in."""

    page: RecallPage
    workbook: bytes

    @property
    def milliseconds(self) -> int:
        """From the question to the workbook."""
        return self.page.row.elapsed_ms or 0


def run(
    scope: Scope,
    *,
    reason: str,
    advice: str,
    actor: Actor,
    clock: Callable[[], datetime],
    once: str | None = None,
) -> Drilled:
    """Open a drill, find everything, write the workbook, and keep how long all of it took.

    Args:
        clock: asked before and after; a drill is measured.

    Raises:
        see `commands.open_recall`.
    """
    begun = clock()
    recall_id = commands.open_recall.once(once)(
        scope=scope,
        drill=True,
        reason_kind=RecallReason.OTHER,
        reason=reason,
        advice=advice,
        actor=actor,
        now=begun,
    )
    with db.database().reading() as tx:
        _number, sheets = report(tx, recall_id, actor)
    workbook = as_workbook(sheets)
    milliseconds = max(1, int((clock() - begun).total_seconds() * 1000))
    commands.record_elapsed(recall_id=recall_id, milliseconds=milliseconds, actor=actor, now=begun)
    with db.database().reading() as tx:
        return Drilled(queries.recall(tx, recall_id, actor), workbook)
