"""Tables of union budgets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orders.budgets.states import BudgetStep
from shop.core import db
from shop.core.money import Money


class Budget(db.Model):
    """What a union approved for one purpose in one year (经费), and where it stands.

    Reserved at submission, committed at approval, spent at acceptance; the database refuses
    more than was approved.
    """

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("union_id", "year", "purpose"),
        CheckConstraint(
            "reserved_fen >= 0 AND committed_fen >= 0 AND spent_fen >= 0"
            " AND reserved_fen + committed_fen + spent_fen <= approved_fen",
            name="not_over_spent",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("budget")
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(64))
    approved: Mapped[Money] = mapped_column("approved_fen")
    reserved: Mapped[Money] = mapped_column("reserved_fen")
    committed: Mapped[Money] = mapped_column("committed_fen")
    spent: Mapped[Money] = mapped_column("spent_fen")


class BudgetMove(db.Model):
    """One change of a budget, and the thing that caused it (`about`: a purchase, an acceptance)."""

    __tablename__ = "budget_move"

    id: Mapped[db.Id]
    budget_id: Mapped[int] = mapped_column(ForeignKey("budget.id"), index=True)
    step: Mapped[BudgetStep] = mapped_column(db.labelled(BudgetStep, "step"))
    amount: Mapped[Money] = mapped_column("amount_fen")
    about: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]
