"""Tables of EPCIS: documents as they came, events by what is asked of them, and what they name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from products.epcis.rules import Part
from shop.core import db


class EpcisCapture(db.Model):
    """One document an organisation sent, byte for byte, and what came of it.

    Valid documents are kept or, when one of their events contradicts what is kept already,
    only the faults (JSON) are; then there is no document and no event of it.
    """

    __tablename__ = "epcis_capture"
    __table_args__ = (Index("ix_epcis_capture_organisation_id_id", "organisation_id", "id"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("capture")
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    actor_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    events: Mapped[int]
    new_events: Mapped[int]
    faults: Mapped[str] = mapped_column(default="[]")


class EpcisEvent(db.Model):
    """One event of the standard, captured or told of a fact of ours (`source_id`).

    `body` is the event as answers carry it; the other columns only find it. An event is one by its
    event id, which is looked up by its key; the same id with an error declaration is another.
    `digest` is over what it says, without its name and the time of recording.
    """

    __tablename__ = "epcis_event"
    __table_args__ = (
        Index(
            "uq_epcis_event_captured",
            "organisation_id",
            "event_key",
            "declares_error",
            unique=True,
            sqlite_where=text("NOT own"),
            postgresql_where=text("NOT own"),
        ),
        Index("ix_epcis_event_event_key", "event_key"),
        Index("ix_epcis_event_event_time_id", "event_time", "id"),
        Index("ix_epcis_event_record_time_id", "record_time", "id"),
        Index("ix_epcis_event_organisation_event_time", "organisation_id", "event_time", "id"),
        Index("ix_epcis_event_organisation_record_time", "organisation_id", "record_time", "id"),
    )

    id: Mapped[db.Id]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    own: Mapped[bool]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), unique=True)
    capture_id: Mapped[int | None] = mapped_column(ForeignKey("epcis_capture.id"), index=True)
    event_id: Mapped[str]
    event_key: Mapped[str] = mapped_column(String(32))
    declares_error: Mapped[bool]
    digest: Mapped[str] = mapped_column(String(64))
    type: Mapped[str]
    event_time: Mapped[datetime]
    record_time: Mapped[datetime]
    action: Mapped[str | None]
    biz_step: Mapped[str | None]
    disposition: Mapped[str | None]
    read_point: Mapped[str | None]
    biz_location: Mapped[str | None]
    body: Mapped[str]


class EpcisName(db.Model):
    """An EPC or a class named in an event, found by its key."""

    __tablename__ = "epcis_name"
    __table_args__ = (
        CheckConstraint(f"part IN ({', '.join(repr(p.value) for p in Part)})", name="part"),
        Index("ix_epcis_name_key_event_id", "key", "event_id"),
        Index("ix_epcis_name_event_id", "event_id"),
    )

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("epcis_event.id"))
    part: Mapped[str] = mapped_column(String(8))
    is_class: Mapped[bool]
    key: Mapped[str] = mapped_column(String(32))
    epc: Mapped[str]
