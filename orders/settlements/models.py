"""Tables of settling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orders.settlements.states import RunState
from shop.core import db
from shop.core.money import Money


class SettlementRun(db.Model):
    """A settlement run (结算单): drafted by one person, approved by another as it was seen.

    `seen_hash` is over the preview the second person approves; if the figures have changed
    since, approval is refused and a new preview is needed.
    """

    __tablename__ = "settlement_run"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("settle")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[RunState] = mapped_column(db.labelled(RunState, "state"))
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    seen_hash: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    lots: Mapped[int] = mapped_column(default=0)
    households: Mapped[int] = mapped_column(default=0)
    total: Mapped[Money] = mapped_column("total_fen")


class SettlementItem(db.Model):
    """What one run changed for one household in one lot; append-only.

    `share` is the household's whole share of the lot after the run, `change` what this run
    posted of it: `set_off` to the cooperative that paid at the gate, `second_payment` to the
    household, `recovered` to whoever had covered an earlier shortfall. Where a change is below
    zero, `covered` is the part nobody could be asked for but the cooperative. `share_version`
    is that of the lot's shares it was computed from.
    """

    __tablename__ = "settlement_item"
    __table_args__ = (
        UniqueConstraint("run_id", "lot_id", "household_id"),
        CheckConstraint(
            "change_fen = set_off_fen + second_payment_fen + recovered_fen - covered_fen",
            name="adds_up",
        ),
        CheckConstraint("recovered_fen >= 0 AND covered_fen >= 0", name="covered_not_negative"),
    )

    id: Mapped[db.Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("settlement_run.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    share_version: Mapped[int] = mapped_column(default=1)
    share: Mapped[Money] = mapped_column("share_fen")
    change: Mapped[Money] = mapped_column("change_fen")
    set_off: Mapped[Money] = mapped_column("set_off_fen")
    second_payment: Mapped[Money] = mapped_column("second_payment_fen")
    recovered: Mapped[Money] = mapped_column("recovered_fen")
    covered: Mapped[Money] = mapped_column("covered_fen")
