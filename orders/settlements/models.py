"""Tables of settling."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orders.settlements.states import LotState, RunState
from shop.core import db
from shop.core.money import ZERO, Money


class SettlementRun(db.Model):
    """A settlement run (结算单): drafted by one person, approved by another as it was seen.

    What it covers is a choice of lots: those of one cooperative, those packed in a span of days,
    those a purchase got goods from; nothing chosen means all. Each lot is settled whole.
    `seen_hash` is over every figure the second person approves; `job` is the public id of
    the job that posts a large run. Once posted, what must hold of it was proved: `differences`
    counts what did not.
    """

    __tablename__ = "settlement_run"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("settle")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[RunState] = mapped_column(db.labelled(RunState, "state"))
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"))
    packed_from: Mapped[date | None]
    packed_to: Mapped[date | None]
    seen_hash: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    job: Mapped[str | None] = mapped_column(String(32))
    differences: Mapped[int | None]
    lots: Mapped[int] = mapped_column(default=0)
    households: Mapped[int] = mapped_column(default=0)
    total: Mapped[Money] = mapped_column("total_fen")


class SettlementLot(db.Model):
    """One lot of a run: from which figures it is settled, and what that changes in all.

    `revenue` is C, the pool value of its accepted, paid and kept units, `before` what all earlier
    runs posted of it, by so many `items_before`, `weights` the sum by which it is shared. Shares
    and items are never changed, so these figures decide every line. `falls`: somebody in it gives
    something back or has something recovered. The sums are over its households. `reserved` is what
    the cooperative sets aside of its own part; of what was covered `from_reserve` came out of
    what it had set aside, and of what was recovered `to_reserve` went back there.
    """

    __tablename__ = "settlement_lot"
    __table_args__ = (
        # Products of shares stay below the largest whole number the databases have.
        CheckConstraint("revenue_fen >= 0 AND weights_fen <= 3037000499", name="can_be_shared"),
        CheckConstraint(
            "change_fen = set_off_fen + second_payment_fen + recovered_fen - covered_fen"
            " AND change_fen = revenue_fen - before_fen",
            name="adds_up",
        ),
        CheckConstraint(
            "reserved_fen >= 0 AND from_reserve_fen >= 0 AND from_reserve_fen <= covered_fen"
            " AND to_reserve_fen >= 0 AND to_reserve_fen <= recovered_fen",
            name="reserve_within",
        ),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("settlement_run.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    state: Mapped[LotState] = mapped_column(db.labelled(LotState, "state"))
    share_version: Mapped[int]
    revenue: Mapped[Money] = mapped_column("revenue_fen")
    before: Mapped[Money] = mapped_column("before_fen")
    items_before: Mapped[int]
    weights: Mapped[Money] = mapped_column("weights_fen")
    falls: Mapped[bool]
    households: Mapped[int]
    change: Mapped[Money] = mapped_column("change_fen")
    set_off: Mapped[Money] = mapped_column("set_off_fen")
    second_payment: Mapped[Money] = mapped_column("second_payment_fen")
    recovered: Mapped[Money] = mapped_column("recovered_fen")
    covered: Mapped[Money] = mapped_column("covered_fen")
    reserved: Mapped[Money] = mapped_column("reserved_fen", default=ZERO)
    from_reserve: Mapped[Money] = mapped_column("from_reserve_fen", default=ZERO)
    to_reserve: Mapped[Money] = mapped_column("to_reserve_fen", default=ZERO)


class SettlementItem(db.Model):
    """What one run changed for one household in one lot; append-only.

    `share` is the household's whole share of the lot after the run, `change` what this run
    posted of it: `set_off` to the cooperative that paid at the gate, `second_payment` to the
    household, `recovered` to whoever had covered an earlier shortfall. Where a change is below
    zero, `covered` is the part nobody could be asked for but the cooperative. `share_version`
    is that of the lot's shares it was computed from. That run, lot and household exist is checked
    by a trigger (`shop.core.triggers.OWNERS`).
    """

    __tablename__ = "settlement_item"
    __table_args__ = (
        UniqueConstraint("lot_id", "household_id", "run_id"),
        CheckConstraint(
            "change_fen = set_off_fen + second_payment_fen + recovered_fen - covered_fen",
            name="adds_up",
        ),
        CheckConstraint("recovered_fen >= 0 AND covered_fen >= 0", name="covered_not_negative"),
    )

    id: Mapped[db.Id]
    run_id: Mapped[int] = mapped_column(index=True)
    lot_id: Mapped[int]
    household_id: Mapped[int] = mapped_column(index=True)
    share_version: Mapped[int] = mapped_column(default=1)
    share: Mapped[Money] = mapped_column("share_fen")
    change: Mapped[Money] = mapped_column("change_fen")
    set_off: Mapped[Money] = mapped_column("set_off_fen")
    second_payment: Mapped[Money] = mapped_column("second_payment_fen")
    recovered: Mapped[Money] = mapped_column("recovered_fen")
    covered: Mapped[Money] = mapped_column("covered_fen")
