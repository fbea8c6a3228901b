"""The gate of a cooperative: two households with leaf, people who weigh and make, a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from products.catalogue import commands as catalogue
from products.catalogue.states import Category, TaxClass
from products.households import commands as households
from products.households.states import HouseholdStanding
from products.lots import commands as lots
from products.lots.models import Delivery, Lot, LotInput, LotShare
from products.lots.states import LeafPayment
from shop.core import db, vault
from shop.core.actors import CLOCK, Actor
from shop.core.audit import AuditEntry
from shop.core.money import yuan
from shop.core.numbering import NumberSeries
from shop.core.permissions import Role
from shop.identity import commands as identity
from shop.identity.models import User
from shop.organisations import commands as organisations
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import actor_of

NOON = datetime(2026, 4, 5, 4, tzinfo=UTC)
TODAY = date(2026, 4, 5)
KEYS = {"k1": bytes(range(32))}


@dataclass
class Gate:
    """Who stands there and what they can do."""

    cooperative: str
    other_cooperative: str
    village: str
    zhang: str
    li: str
    manager: Actor
    weigher: Actor
    stranger: Actor
    clerk: Actor
    tin: str
    box: str

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
            "certificate": "",
            "actor": self.weigher,
            "now": NOON,
        }
        return lots.weigh_in(**{**facts, **changes})

    def rough(self, inputs: list[tuple[str, int]], grams: int, **changes: Any) -> str:
        """Rough tea of deliveries; its lot."""
        facts: dict[str, Any] = {
            "cooperative_id": self.cooperative,
            "inputs": tuple(inputs),
            "grams": grams,
            "name": "毛茶",
            "grade": "一级",
            "note": "",
            "actor": self.manager,
            "now": NOON,
        }
        return lots.make_rough(**{**facts, **changes})

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
                "certificate": "HGZ-2026-001",
                "best_before": None,
                "note": "",
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
        from products.households.models import Household

        with db.database().reading() as tx:
            rows = tx.execute(
                select(Household.public_id, LotShare)
                .join(LotShare, LotShare.household_id == Household.id)
                .join(Lot, Lot.id == LotShare.lot_id)
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
                for model in (Lot, Delivery, LotInput, LotShare, AuditEntry)
            ]
            used = tx.execute(select(Lot.used_grams, Lot.state).order_by(Lot.id)).all()
            numbers = tx.execute(select(NumberSeries.series, NumberSeries.last)).all()
            return (*counts, used, sorted(numbers))


@contextmanager
def opened(url: str) -> Iterator[Gate]:
    """Connect to a database and put the cast into it."""
    db.connect(url)
    vault.configure(KEYS)
    organisations.add_county(
        code="suichuan", name="遂川县", name_en="Suichuan", province="江西", column=1, row=1
    )
    ours, theirs, union = (
        organisations.add_organisation(
            kind=kind,
            code=code,
            name=name,
            name_en="",
            county="suichuan",
            actor=CLOCK,
            now=NOON,
        )
        for kind, code, name in (
            (OrganisationKind.COOPERATIVE, "THCY", "汤湖茶叶合作社"),
            (OrganisationKind.COOPERATIVE, "NPCY", "南屏茶叶合作社"),
            (OrganisationKind.UNION, "SWGH", "示范单位工会"),
        )
    )
    manager = _person("manager", ours, Role.MANAGER)
    village = households.add_village(
        county="suichuan",
        township="汤湖镇",
        name="高塘村",
        name_en="Gaotang",
        altitude_m=820,
        actor=manager,
        now=NOON,
    )
    zhang, li = (
        households.register_household(
            cooperative_id=ours,
            village_id=village,
            name=name,
            identity="",
            phone="",
            standing=HouseholdStanding.ORDINARY,
            since=date(2024, 1, 1),
            actor=manager,
            now=NOON,
        )
        for name in ("张桂兰", "李长根")
    )
    yield Gate(
        cooperative=ours,
        other_cooperative=theirs,
        village=village,
        zhang=zhang,
        li=li,
        manager=manager,
        weigher=_person("weigher", ours, Role.WEIGHER),
        stranger=_person("stranger", theirs, Role.MANAGER),
        clerk=_person("clerk", union, Role.CLERK),
        tin=_specification(ours, manager, "tea", Category.TEA, 250),
        box=_specification(ours, manager, "orange", Category.FRUIT, 5000),
    )


def _person(name: str, organisation: str, role: Role) -> Actor:
    user = identity.register_user(name=name, email=f"{name}@gate.example", password=None, now=NOON)
    organisations.grant_role(
        user_id=user, organisation_id=organisation, role=role, actor=CLOCK, now=NOON
    )
    with db.database().reading() as tx:
        return actor_of(tx, tx.execute(select(User).where(User.public_id == user)).scalar_one())


def _specification(
    cooperative: str, manager: Actor, slug: str, category: Category, net_grams: int
) -> str:
    product = catalogue.add_product(
        cooperative_id=cooperative,
        county="suichuan",
        slug=slug,
        name={"tea": "狗牯脑绿茶", "orange": "脐橙"}[slug],
        name_en=slug,
        category=category,
        grade="特级",
        grade_en="",
        season="",
        season_en="",
        story="",
        story_en="",
        geographical_indication=False,
        fresh=category is Category.FRUIT,
        shelf_life_days=540,
        actor=manager,
        now=NOON,
    )
    return catalogue.add_specification(
        product_id=product,
        name="装",
        name_en="pack",
        unit="件",
        unit_en="pack",
        net_grams=net_grams,
        tax_class=TaxClass.EXEMPT,
        actor=manager,
        now=NOON,
    )
