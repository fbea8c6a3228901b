"""Tables of requests for returns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orders.returns.states import RequestState
from shop.core import db


class ReturnRequest(db.Model):
    """A buyer asks to send accepted goods back (退货申请).

    While it is open its units are held (`AcceptanceLine.asked_units`). Done, it names the
    return by which its money moved.
    """

    __tablename__ = "return_request"
    __table_args__ = (
        CheckConstraint("state <> 'done' OR return_id IS NOT NULL", name="done_by_a_return"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("ask")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), index=True)
    state: Mapped[RequestState] = mapped_column(db.labelled(RequestState, "state"), index=True)
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    waybill: Mapped[str] = mapped_column(String(64), default="")
    return_id: Mapped[int | None] = mapped_column(ForeignKey("goods_return.id"), unique=True)


class ReturnRequestLine(db.Model):
    """Units of one acceptance line that a request asks back."""

    __tablename__ = "return_request_line"
    __table_args__ = (
        UniqueConstraint("request_id", "acceptance_line_id"),
        CheckConstraint("units > 0", name="some"),
    )

    id: Mapped[db.Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("return_request.id"))
    acceptance_line_id: Mapped[int] = mapped_column(ForeignKey("acceptance_line.id"), index=True)
    units: Mapped[int]
