"""Steps the commands of recalls share; they work in their caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.recalls.models import Recall
from orders.recalls.scope import reached
from orders.recalls.states import RecallState
from products.lots import freezing
from products.lots.states import FreezeCause
from shop.core.actors import Actor
from shop.core.errors import NotFound, WrongState


def locked(tx: Session, recall_id: str) -> Recall:
    """A recall, locked.

    Raises:
        NotFound: there is none of this id.
    """
    found = tx.execute(
        select(Recall).where(Recall.public_id == recall_id).with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def still_open(recall: Recall) -> None:
    """Refuse to go on with a recall that has ended.

    Raises:
        WrongState: it is closed or cancelled.
    """
    if recall.state is not RecallState.OPEN:
        raise WrongState(state=recall.state.label)


def freeze_reach(
    tx: Session, start: Sequence[int], about: str, reason: str, actor: Actor, now: datetime
) -> list[int]:
    """Freeze the start and all that was made of it; the internal keys, ascending.

    Somebody may make a lot of one of them between our looking and our locking it. Once its
    parents stand still nothing more can come, so we look again until nothing new is there.
    """
    frozen: set[int] = set()
    while fresh := [key for key in reached(tx, list(start)) if key not in frozen]:
        freezing.freeze(
            tx,
            fresh,
            cause=FreezeCause.RECALL,
            about=about,
            reason=reason,
            actor=actor,
            now=now,
        )
        frozen.update(fresh)
    return sorted(frozen)
