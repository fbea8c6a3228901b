"""Tables of codes on boxes, and of what people said who scanned them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from products.traceability.states import CodeKind, ComplaintState, NoticeKind
from shop.core import db


class CodeBatch(db.Model):
    """A run of codes (码段) made at one time for a cooperative.

    Its codes are kept nowhere: they follow from the sealed seed and their serial numbers, so that
    labels can be printed again. `made` counts those whose digest is written down.
    """

    __tablename__ = "code_batch"
    __table_args__ = (CheckConstraint("made >= 0 AND made <= count", name="made_within_count"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("batch")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[CodeKind] = mapped_column(db.labelled(CodeKind, "kind"))
    count: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    seed_sealed: Mapped[str]
    asked_at: Mapped[datetime]


class CodeAllocation(db.Model):
    """Codes of a batch, from a serial on, that stand on units or boxes of one packed lot (赋码).

    `done` counts those already given; then `codes_root` is the RFC 9162 root over their digests
    in the order of serials.
    """

    __tablename__ = "code_allocation"
    __table_args__ = (
        UniqueConstraint("batch_id", "first_serial"),
        CheckConstraint("first_serial > 0 AND count > 0", name="is_a_range"),
        CheckConstraint("done >= 0 AND done <= count", name="done_within_count"),
        CheckConstraint("(codes_root IS NULL) OR done = count", name="root_of_all"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("alloc")
    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    first_serial: Mapped[int]
    count: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    codes_root: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    asked_at: Mapped[datetime]

    @property
    def last_serial(self) -> int:
        """The last serial of the range."""
        return self.first_serial + self.count - 1


class Code(db.Model):
    """One code, known by its digest alone; narrow, since there are millions.

    It stands in one lot at most, and a trigger keeps it there. `seen` counts people who said on
    the page that they hold it.
    """

    __tablename__ = "code"
    __table_args__ = (
        CheckConstraint("serial > 0", name="serial_above_zero"),
        CheckConstraint("(seen = 0) = (first_seen_at IS NULL)", name="seen_since_then"),
        CheckConstraint("box_id IS NULL OR allocation_id IS NOT NULL", name="boxed_of_a_lot"),
        Index(
            "ix_code_box_id",
            "box_id",
            sqlite_where=text("box_id IS NOT NULL"),
            postgresql_where=text("box_id IS NOT NULL"),
        ),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("code_allocation.id"))
    box_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"))
    seen: Mapped[int] = mapped_column(Integer, default=0)
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Box(db.Model):
    """A box (箱) with units of one lot in it, known by the box code stuck on it.

    A box may go into a larger one, which is packed later and so has the higher key: no circles.
    """

    __tablename__ = "box"
    __table_args__ = (
        UniqueConstraint("batch_id", "serial"),
        CheckConstraint("units > 0", name="holds_something"),
        CheckConstraint("parent_id > id", name="goes_into_a_later_one"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("box")
    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"))
    serial: Mapped[int] = mapped_column(Integer)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    units: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"), index=True)
    packed_at: Mapped[datetime]


class ExternalCode(db.Model):
    """A code that another scheme gave to a lot (外部码), such as a province's tracing number."""

    __tablename__ = "external_code"
    __table_args__ = (UniqueConstraint("scheme", "value"),)

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    scheme: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(128), index=True)
    at: Mapped[datetime]


class CodeNotice(db.Model):
    """What the cooperative should know of a code: confirmed for the first time, or oddly often."""

    __tablename__ = "code_notice"
    __table_args__ = (
        UniqueConstraint("batch_id", "serial", "kind"),
        Index("ix_code_notice_cooperative_id_at", "cooperative_id", "at"),
    )

    id: Mapped[db.Id]
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"))
    serial: Mapped[int] = mapped_column(Integer)
    kind: Mapped[NoticeKind] = mapped_column(db.labelled(NoticeKind, "kind"))
    at: Mapped[datetime]


class Complaint(db.Model):
    """What somebody found wrong with a box (投诉), told from its page; the telephone is sealed.

    Without batch and serial it was told from the page of the lot.
    """

    __tablename__ = "complaint"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("complaint")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("code_batch.id"))
    serial: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[ComplaintState] = mapped_column(
        db.labelled(ComplaintState, "state"), default=ComplaintState.OPEN
    )
    words: Mapped[str]
    phone_sealed: Mapped[str | None]
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]


class LabelPrint(db.Model):
    """Labels somebody had set (标签印制): kept for a day, then the files are thrown away.

    `content` is what stands on every label, as JSON; each file is so many sheets.
    """

    __tablename__ = "label_print"
    __table_args__ = (
        CheckConstraint("first_serial > 0 AND count > 0 AND skip >= 0", name="is_a_range"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("print")
    allocation_id: Mapped[int] = mapped_column(ForeignKey("code_allocation.id"), index=True)
    paper: Mapped[str] = mapped_column(String(16))
    first_serial: Mapped[int]
    count: Mapped[int]
    skip: Mapped[int] = mapped_column(default=0)
    content: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LabelFile(db.Model):
    """One PDF of a print, from a serial on."""

    __tablename__ = "label_file"
    __table_args__ = (UniqueConstraint("print_id", "part"),)

    id: Mapped[db.Id]
    print_id: Mapped[int] = mapped_column(ForeignKey("label_print.id"))
    part: Mapped[int]
    first_serial: Mapped[int]
    count: Mapped[int]
    content: Mapped[bytes]


class TraceScan(db.Model):
    """Somebody confirmed on the page of a lot that they hold a box of it."""

    __tablename__ = "trace_scan"

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    at: Mapped[datetime]
