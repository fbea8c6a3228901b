"""Tables of recalls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.recalls.states import (
    Channel,
    DestructionState,
    Fate,
    NoticeState,
    RecallReason,
    RecallState,
    ScopeKind,
)
from shop.core import db


class Recall(db.Model):
    """A recall (召回), or a drill (演练) of one: what it began with, why, and what to do.

    `began_with` names the start in words; `reason` and `advice` are public. A drill freezes and
    tells nobody outside; `elapsed_ms` is how long it took to have every list in hand.
    """

    __tablename__ = "recall"
    __table_args__ = (CheckConstraint("elapsed_ms IS NULL OR drill", name="only_drills_are_timed"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("recall")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    drill: Mapped[bool]
    state: Mapped[RecallState] = mapped_column(db.labelled(RecallState, "state"), index=True)
    scope: Mapped[ScopeKind] = mapped_column(db.labelled(ScopeKind, "scope"))
    began_with: Mapped[str]
    reason_kind: Mapped[RecallReason] = mapped_column(db.labelled(RecallReason, "reason_kind"))
    reason: Mapped[str]
    advice: Mapped[str]
    households: Mapped[int]
    opened_at: Mapped[datetime]
    elapsed_ms: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(default="")


class RecallLot(db.Model):
    """A lot of a recall, and what was left of it when it was opened.

    `started` says the recall began with it; the others were made of such. A lot found harmless
    later is spared, with the reason.
    """

    __tablename__ = "recall_lot"
    __table_args__ = (UniqueConstraint("recall_id", "lot_id"),)

    id: Mapped[db.Id]
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    started: Mapped[bool]
    left_grams: Mapped[int]
    left_units: Mapped[int]
    reserved_units: Mapped[int]
    shipped_units: Mapped[int]
    spared_at: Mapped[datetime | None]
    spared_because: Mapped[str] = mapped_column(default="")


class RecallNotice(db.Model):
    """What was told (通知) of an order to its buyer, or to a cooperative of its lots (no order).

    `units` had reached the buyer when it was opened, `waiting_units` were still to be shipped.
    `holds` is how many the buyer says are still there.
    """

    __tablename__ = "recall_notice"
    __table_args__ = (
        UniqueConstraint("recall_id", "order_id"),
        Index(
            "uq_recall_notice_cooperative",
            "recall_id",
            "cooperative_id",
            unique=True,
            sqlite_where=text("order_id IS NULL"),
            postgresql_where=text("order_id IS NULL"),
        ),
        CheckConstraint("units >= 0 AND waiting_units >= 0", name="not_negative"),
        CheckConstraint("holds IS NULL OR (holds >= 0 AND holds <= units)", name="holds_within"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("notice")
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[NoticeState] = mapped_column(db.labelled(NoticeState, "state"))
    units: Mapped[int]
    waiting_units: Mapped[int]
    told_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    holds: Mapped[int | None]
    words: Mapped[str] = mapped_column(default="")


class RecallEntry(db.Model):
    """One line of following up (跟进): who found out what of how many units, and how.

    A mistake is put right by a line with a minus; lines are never changed.
    """

    __tablename__ = "recall_entry"
    __table_args__ = (
        CheckConstraint("(fate = 'contacted') = (units = 0)", name="contact_counts_none"),
    )

    id: Mapped[db.Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("recall_notice.id"), index=True)
    fate: Mapped[Fate] = mapped_column(db.labelled(Fate, "fate"))
    units: Mapped[int]
    channel: Mapped[Channel] = mapped_column(db.labelled(Channel, "channel"))
    words: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column("by_name", String(64))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Destruction(db.Model):
    """What is left of a recalled lot, destroyed (销毁) by two people: one proposes, one sees it.

    Grams of goods, or units of a packed lot.
    """

    __tablename__ = "destruction"
    __table_args__ = (
        CheckConstraint("(grams > 0) <> (units > 0) AND grams >= 0 AND units >= 0", name="some"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("destroy")
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    state: Mapped[DestructionState] = mapped_column(db.labelled(DestructionState, "state"))
    grams: Mapped[int]
    units: Mapped[int]
    words: Mapped[str]
    proposed_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
