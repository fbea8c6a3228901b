"""The gate of a cooperative: two households with leaf, people who weigh and make, a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from products.catalogue import commands as catalogue
from products.catalogue.states import Category
from products.households.models import Household
from products.lots import commands as lots
from products.lots.correcting import correct_shares
from products.lots.dividing import divide, lose
from products.lots.models import (
    Delivery,
    Lot,
    LotFreeze,
    LotInput,
    LotLoss,
    LotShare,
    MassAlarm,
    MassRule,
    Process,
    ShareCorrection,
    StandingShare,
)
from products.lots.states import LeafPayment, LotKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import AuditEntry
from shop.core.events import Event
from shop.core.money import yuan
from shop.core.numbering import NumberSeries
from tests.world import DAY, NOW, World

NOON, TODAY = NOW, DAY

#: What a refusal adds no row to.
COUNTED = (
    Lot,
    Delivery,
    LotFreeze,
    LotInput,
    LotLoss,
    LotShare,
    MassAlarm,
    MassRule,
    Process,
    ShareCorrection,
    AuditEntry,
    Event,
)


@dataclass
class Gate:
    """Who stands there and what they can do."""

    consignment = LeafPayment.CONSIGNMENT

    cooperative: str
    cooperative_key: int
    other_cooperative: str
    other_key: int
    village: str
    zhang: str
    li: str
    manager: Actor
    weigher: Actor
    stranger: Actor
    clerk: Actor
    tin: str
    box: str
    tea_process: str

    def leaf(self, household: str, kg: str, price: str = "100", **changes: Any) -> str:
        """A delivery of fresh tea leaf; its lot."""
        whole, _, rest = kg.partition(".")
        facts: dict[str, Any] = {
            "household_id": household,
            "plot_id": None,
            "category": Category.TEA,
            "name": "鲜叶",
            "grade": "一芽一叶",
            "grams": int(whole) * 1000 + int(rest.ljust(3, "0") or 0),
            "fen_per_kg": yuan(price).fen,
            "payment": LeafPayment.PAID,
            "certificate": "CN-LEAF",
            "actor": self.weigher,
            "now": NOON,
        }
        return lots.weigh_in(**{**facts, **changes})

    def rough(self, inputs: list[tuple[str, int]], grams: int, **changes: Any) -> str:
        """Rough tea of deliveries; its lot."""
        facts: dict[str, Any] = {
            "cooperative_id": self.cooperative,
            "process_id": self.tea_process,
            "inputs": tuple(inputs),
            "grams": grams,
            "grade": "一级",
            "steps": ((1, ""), (2, "锅温 280 度"), (3, "")),
            "note": "",
            "actor": self.manager,
            "now": NOON,
        }
        return lots.process(**{**facts, **changes})

    def blend(self, inputs: list[tuple[str, int]], grams: int, **changes: Any) -> str:
        """A blend; its lot."""
        return lots.blend(
            **{
                "cooperative_id": self.cooperative,
                "inputs": tuple(inputs),
                "grams": grams,
                "name": "精制茶",
                "grade": "一级",
                "certificate": "",
                "note": "",
                "actor": self.manager,
                "now": NOON,
                **changes,
            }
        )

    def pack(self, inputs: list[tuple[str, int]], units: int, **changes: Any) -> str:
        """Tins of 250 g; their lot."""
        return lots.pack(
            **{
                "cooperative_id": self.cooperative,
                "inputs": tuple(inputs),
                "specification_id": self.tin,
                "units": units,
                "certificate": "",
                "best_before": None,
                "note": "",
                "actor": self.manager,
                "now": NOON,
                **changes,
            }
        )

    def parts(self, lot_id: str, *grams: int, **changes: Any) -> list[str]:
        """Parts of so many grams; their lots."""
        return divide(
            **{
                "lot_id": lot_id,
                "kind": LotKind.PART,
                "parts": tuple((f"第{n}堆", "一级", weight) for n, weight in enumerate(grams, 1)),
                "note": "",
                "actor": self.manager,
                "now": NOON,
                **changes,
            }
        )

    def stems(self, lot_id: str, grams: int) -> str:
        """A by-product sorted out of a lot; its lot."""
        kind, parts = LotKind.BYPRODUCT, (("茶梗", "", grams),)
        return self.parts(lot_id, kind=kind, parts=parts)[0]

    def lose(self, lot_id: str, grams: int, reason: str = "受潮", **changes: Any) -> None:
        """So many grams of a lot are gone."""
        facts = {"lot_id": lot_id, "grams": grams, "reason": reason, "actor": self.manager}
        lose(**{**facts, "now": NOON, **changes})

    def correct(self, lot_id: str, grams: int, price: str = "100", **changes: Any) -> int:
        """A used delivery was so many grams at so many yuan per kg, 张桂兰's unless said."""
        return correct_shares(
            **{
                "lot_id": lot_id,
                "household_id": self.zhang,
                "grams": grams,
                "fen_per_kg": yuan(price).fen,
                "payment": LeafPayment.PAID,
                "reason": "秤没有去皮",
                "actor": self.manager,
                "now": NOON,
                **changes,
            }
        )

    def lot(self, lot_id: str) -> Lot:
        """A lot as it stands in the database."""
        with db.database().reading() as tx:
            return tx.execute(select(Lot).where(Lot.public_id == lot_id)).scalar_one()

    def shares(self, lot_id: str) -> dict[str, tuple[int, int, int]]:
        """Who stands behind a lot: household → milligrams, value in fen, paid in fen."""
        with db.database().reading() as tx:
            rows = tx.execute(
                select(Household.public_id, StandingShare)
                .join(StandingShare, StandingShare.household_id == Household.id)
                .join(Lot, Lot.id == StandingShare.lot_id)
                .where(Lot.public_id == lot_id)
            )
            return {
                household: (share.milligrams, share.value.fen, share.paid.fen)
                for household, share in rows
            }

    def everything(self) -> tuple[Any, ...]:
        """What a refusal may not change: counts, used grams, states, numbers given out."""
        with db.database().reading() as tx:
            counts = [
                tx.execute(select(func.count()).select_from(model)).scalar_one()
                for model in COUNTED
            ]
            used = tx.execute(
                select(
                    Lot.used_grams, Lot.lost_grams, Lot.freezes, Lot.share_version, Lot.state
                ).order_by(Lot.id)
            ).all()
            numbers = tx.execute(select(NumberSeries.series, NumberSeries.last)).all()
            return (*counts, used, sorted(numbers))


def at_the_gate(world: World) -> Gate:
    """The cast of the tests as the gate knows it, with oranges to pack besides tea."""
    product = catalogue.add_product(
        cooperative_id=world.organisation("TH"),
        county="suichuan",
        slug="orange",
        name="脐橙",
        name_en="Navel orange",
        category=Category.FRUIT,
        shelf_life_days=30,
        actor=world.manager,
        now=NOON,
    )
    box = catalogue.add_specification(
        product_id=product,
        name="10 斤装",
        name_en="5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=5000,
        actor=world.manager,
        now=NOON,
    )
    return Gate(
        cooperative=world.organisation("TH"),
        cooperative_key=world.organisation_key("TH"),
        other_cooperative=world.organisation("YL"),
        other_key=world.organisation_key("YL"),
        village=world.village,
        zhang=world.household("张桂兰"),
        li=world.household("李长根"),
        manager=world.manager,
        weigher=world.weigher,
        stranger=world.other_manager,
        clerk=world.clerk,
        tin=world.tin,
        box=box,
        tea_process=world.tea_process,
    )
