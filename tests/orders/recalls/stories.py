"""Short ways to say what happens in a recall."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from orders.purchasing.models import Order, Purchase
from orders.recalls.commands import close_recall, open_recall
from orders.recalls.destroying import destroy, propose_destruction
from orders.recalls.following import follow_up
from orders.recalls.models import Destruction, Recall, RecallEntry, RecallLot, RecallNotice
from orders.recalls.scope import Scope
from orders.recalls.states import Channel, Fate, RecallReason, ScopeKind
from products.lots.models import Lot, LotFreeze, LotLoss, UnitLoss
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.events import Event
from shop.core.numbering import NumberSeries
from tests.world import World


def recalled(world: World, lot: str, **changes: Any) -> str:
    """The operator recalls a lot; the recall."""
    facts: dict[str, Any] = {
        "scope": Scope(ScopeKind.LOT, what=lot),
        "drill": False,
        "reason_kind": RecallReason.SAFETY,
        "reason": "封口不严",
        "advice": "停止食用，连罐退回",
        "actor": world.operator,
        "now": world.now,
    }
    return open_recall(**{**facts, **changes})


def closed(world: World, recall: str, reason: str = "全部收回", **changes: Any) -> None:
    """The treasurer ends it."""
    facts = {"recall_id": recall, "reason": reason, "actor": world.treasurer, "now": world.now}
    close_recall(**{**facts, **changes})


def followed(
    world: World, notice: str, fate: Fate, units: int, words: str = "", **changes: Any
) -> None:
    """The cooperative's manager writes a line."""
    facts: dict[str, Any] = {
        "notice_id": notice,
        "fate": fate,
        "units": units,
        "channel": Channel.PHONE,
        "words": words,
        "actor": world.manager,
        "now": world.now,
    }
    follow_up(**{**facts, **changes})


def proposed(world: World, recall: str, lot_id: str, **changes: Any) -> str:
    """The operator says what of a lot is to be destroyed; the destruction."""
    facts: dict[str, Any] = {
        "recall_id": recall,
        "lot_id": lot_id,
        "grams": 0,
        "units": 0,
        "words": "县垃圾站深埋",
        "actor": world.operator,
        "now": world.now,
    }
    return propose_destruction(**{**facts, **changes})


def destroyed(world: World, recall: str, lot_id: str, **amount: int) -> str:
    """The operator proposes it and the manager sees it done."""
    row = proposed(world, recall, lot_id, **amount)
    destroy(destruction_id=row, actor=world.manager, now=world.now)
    return row


def notice_of(recall: str, purchase: str) -> str:
    """The notice of a purchase's first order."""
    with db.database().reading() as tx:
        return tx.execute(
            select(RecallNotice.public_id)
            .join(Recall, Recall.id == RecallNotice.recall_id)
            .join(Order, Order.id == RecallNotice.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .where(Recall.public_id == recall, Purchase.public_id == purchase)
        ).scalar_one()


def lot(lot_id: str) -> Lot:
    """A lot as it stands in the database."""
    with db.database().reading() as tx:
        return tx.execute(select(Lot).where(Lot.public_id == lot_id)).scalar_one()


def frozen(*lots: str) -> list[bool]:
    """Whether each lot stands still."""
    return [lot(one).freezes > 0 for one in lots]


def everything() -> tuple[Any, ...]:
    """What a refusal may not change."""
    with db.database().reading() as tx:
        counts = [
            tx.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (
                Recall, RecallLot, RecallNotice, RecallEntry, Destruction, LotFreeze, LotLoss,
                UnitLoss, AuditEntry, Event,
            )
        ]  # fmt: skip
        states = [
            tx.execute(select(model.state).order_by(model.id)).scalars().all()
            for model in (Recall, RecallNotice, Destruction)
        ]
        stock = tx.execute(
            select(Lot.freezes, Lot.lost_grams, Lot.written_off_units).order_by(Lot.id)
        ).all()
        numbers = tx.execute(select(NumberSeries.series, NumberSeries.last)).all()
        return (*counts, states, stock, sorted(numbers))
