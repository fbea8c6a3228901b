"""Following a recall up (跟进): what buyers answer, and what became of every unit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Order, Purchase
from orders.recalls.models import Recall, RecallEntry, RecallNotice
from orders.recalls.rules import adds_up, tally
from orders.recalls.states import NOTICE, Channel, Fate, NoticeState
from orders.recalls.steps import locked, still_open
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P

WORDS_AT_MOST = 300


class MoreThanHeld(Refusal):
    """No more units can be there than have reached the buyer."""

    code = "more_than_held"
    sentence = N_("这一单一共收到 %(units)s 件，请核对件数。")
    status = 422
    field = "holds"


class DoesNotAddUp(Refusal):
    """Entries never say more than reached the buyer, nor less than nothing."""

    code = "does_not_add_up"
    sentence = N_("这一单还有 %(units)s 件没有下落，记的件数对不上。只是联系过，件数填 0。")
    status = 422
    field = "units"


class WordsMissing(Refusal):
    """A correction says what was wrong, and no entry is longer than a few lines."""

    code = "entry_words_missing"
    sentence = N_("请写明情况，最多 300 字；更正要写为什么。")
    status = 422
    field = "words"


@command
def answer_notice(
    tx: Session,
    *,
    recall_id: str,
    purchase_id: str,
    holds: int,
    words: str,
    actor: Actor,
    now: datetime,
) -> None:
    """A buyer has read the recall and says how many units are still there (回复).

    May be said again: what stands is what was said last. A purchase has one order of each
    cooperative; its units are counted from the first on.

    Raises:
        NotFound: not this buyer's purchase, or not in this recall, or a drill.
        MoreThanHeld, WordsMissing: see the classes.
        WrongState: the recall has ended.
    """
    recall = locked(tx, recall_id)
    notices = _of_purchase(tx, recall, purchase_id, actor)
    still_open(recall)
    whole = sum(notice.units for notice in notices)
    if holds > whole or holds < 0:
        raise MoreThanHeld(units=whole)
    if len(words.strip()) > WORDS_AT_MOST:
        raise WordsMissing()
    for notice in notices:
        notice.holds = min(holds, notice.units)
        holds -= notice.holds
        notice.answered_at, notice.words = now, words.strip()
        if notice.state is NoticeState.TOLD:
            _move(tx, notice, "finish" if not notice.units else "answer", actor, now)


@command
def follow_up(
    tx: Session,
    *,
    notice_id: str,
    fate: Fate,
    units: int,
    channel: Channel,
    words: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down what became of units of one order (跟进), or that somebody was called.

    Lines are never changed; a mistake is put right by one with a minus and a reason.

    Args:
        units: below zero corrects; zero for a contact alone.

    Raises:
        NotFound, NotAllowed: `recall:follow` in the notice's cooperative is needed.
        DoesNotAddUp, WordsMissing: see the classes.
        WrongState: the recall has ended.
    """
    found = tx.execute(
        select(RecallNotice, Recall)
        .join(Recall, Recall.id == RecallNotice.recall_id)
        .where(RecallNotice.public_id == notice_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound()
    notice, recall = found
    actor.require(P.RECALL_FOLLOW, notice.cooperative_id)
    still_open(recall)
    if len(words.strip()) > WORDS_AT_MOST or (units < 0 and not words.strip()):
        raise WordsMissing()
    so_far = tally(
        (entry.fate, entry.units)
        for entry in tx.execute(
            select(RecallEntry).where(RecallEntry.notice_id == notice.id)
        ).scalars()
    )
    open_units = notice.units - sum(so_far.values())
    if not adds_up(so_far, fate, units, notice.units):
        raise DoesNotAddUp(units=open_units)
    tx.add(
        RecallEntry(
            notice_id=notice.id,
            fate=fate,
            units=units,
            channel=channel,
            words=words.strip(),
            at=now,
            by=actor.name,
            by_id=actor.user_id,
        )
    )
    all_known = open_units == units
    if all_known and notice.state is not NoticeState.DONE:
        _move(tx, notice, "finish", actor, now)
    elif not all_known and notice.state is NoticeState.DONE:
        _move(tx, notice, "reopen", actor, now)


@command
def take_note(tx: Session, *, notice_id: str, actor: Actor, now: datetime) -> None:
    """A cooperative has read the recall of its lots and set the goods apart (合作社已知悉).

    Raises:
        NotFound, NotAllowed: `recall:follow` in that cooperative is needed.
        WrongState: it has said so already.
    """
    notice = tx.execute(
        select(RecallNotice)
        .where(RecallNotice.public_id == notice_id, RecallNotice.order_id.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if notice is None:
        raise NotFound()
    actor.require(P.RECALL_FOLLOW, notice.cooperative_id)
    _move(tx, notice, "finish", actor, now)
    notice.answered_at = now


def _of_purchase(tx: Session, recall: Recall, purchase_id: str, actor: Actor) -> list[RecallNotice]:
    purchase = tx.execute(
        select(Purchase).where(Purchase.public_id == purchase_id)
    ).scalar_one_or_none()
    if purchase is None or recall.drill:
        raise NotFound()
    if purchase.union_id is not None:
        actor.require(P.PURCHASE_READ, purchase.union_id)
    elif purchase.buyer_id != actor.user_id:
        raise NotFound()
    notices = tx.execute(
        select(RecallNotice)
        .join(Order, Order.id == RecallNotice.order_id)
        .where(RecallNotice.recall_id == recall.id, Order.purchase_id == purchase.id)
        .order_by(RecallNotice.id)
        .with_for_update(of=RecallNotice)
    ).scalars()
    found = list(notices)
    if not found:
        raise NotFound()
    return found


def _move(tx: Session, notice: RecallNotice, action: str, actor: Actor, now: datetime) -> None:
    NOTICE.move(tx, notice, action, actor=actor, now=now, organisation_id=notice.cooperative_id)
