"""Tables of the trace page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db


class TraceScan(db.Model):
    """Somebody confirmed on the page that they hold the box (not merely opened the address)."""

    __tablename__ = "trace_scan"

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    at: Mapped[datetime]
