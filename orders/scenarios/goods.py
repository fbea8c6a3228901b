"""The goods of a scenario: from the scale to packed lots with a price."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from orders.scenarios.rules import Delivery, PlannedLot
from orders.scenarios.stage import COOPERATIVE, Stage
from products.catalogue.commands import add_product, add_specification
from products.catalogue.models import PriceComposition, Specification
from products.catalogue.rules import Composition
from products.catalogue.states import Category, PriceState, TaxClass
from products.certificates.states import CertificateSource
from products.lots.commands import blend, pack
from products.lots.states import LeafPayment
from products.lots.weighing import weigh_in
from shop.core import clock, db


@dataclass(eq=False)
class Store:
    """What the file's goods are called in the shop: `sources` are deliveries and lots.

    `specifications` are those of packed lots, by the name of the lot.
    """

    stage: Stage
    composition: Composition
    sources: dict[str, str] = field(default_factory=dict)
    specifications: dict[str, str] = field(default_factory=dict)
    product: str = ""

    def deliver(self, one: Delivery) -> None:
        """A household brings leaf to the scale."""
        self.sources[one.id] = weigh_in(
            household_id=self.stage.households[one.household],
            plot_id=None,
            category=Category.TEA,
            name="鲜叶",
            grade="",
            grams=one.grams,
            fen_per_kg=one.fen_per_kg,
            payment=LeafPayment.PAID if one.paid else LeafPayment.CONSIGNMENT,
            certificate="",
            certificate_source=CertificateSource.NONE,
            actor=self.stage.person("manager"),
            now=self.stage.now,
        )

    def make(self, lot: PlannedLot) -> None:
        """A lot is made of what the file says, and packed if it is sold."""
        inputs = tuple((self.sources[source], grams) for source, grams in lot.inputs)
        if lot.units is None:
            self.sources[lot.id] = self._blend(inputs, lot.grams)
            return
        net_grams = lot.grams // lot.units
        if lot.taken != net_grams * lot.units:
            # What is lost in the making carries no value away: all of it is in what is packed.
            inputs = ((self._blend(inputs, net_grams * lot.units), net_grams * lot.units),)
        specification = self._specification(net_grams)
        self.sources[lot.id] = pack(
            cooperative_id=self.stage.organisations[COOPERATIVE],
            inputs=inputs,
            specification_id=specification,
            units=lot.units,
            certificate="",
            best_before=None,
            note="",
            actor=self.stage.person("manager"),
            now=self.stage.now,
        )
        self.specifications[lot.id] = specification

    def _blend(self, inputs: tuple[tuple[str, int], ...], grams: int) -> str:
        return blend(
            cooperative_id=self.stage.organisations[COOPERATIVE],
            inputs=inputs,
            grams=grams,
            name="毛茶",
            grade="",
            certificate="",
            note="",
            actor=self.stage.person("manager"),
            now=self.stage.now,
        )

    def _specification(self, net_grams: int) -> str:
        """A specification for one lot, so that an order of it is filled from no other."""
        manager = self.stage.person("manager")
        if not self.product:
            self.product = add_product(
                cooperative_id=self.stage.organisations[COOPERATIVE],
                county="scenario",
                slug="scenario",
                name="情景茶",
                name_en="Scenario tea",
                category=Category.TEA,
                shelf_life_days=3650,
                actor=manager,
                now=self.stage.now,
            )
        specification = add_specification(
            product_id=self.product,
            name=f"规格 {len(self.specifications) + 1}",
            name_en=f"No. {len(self.specifications) + 1}",
            unit="件",
            unit_en="unit",
            net_grams=net_grams,
            actor=manager,
            now=self.stage.now,
        )
        self._price(specification)
        return specification

    def _price(self, specification: str) -> None:
        """The file's composition as it stands; a draft would be held to the tax of a tax class."""
        parts = self.composition
        with db.database().writing() as tx:
            key = tx.execute(
                select(Specification.id).where(Specification.public_id == specification)
            ).scalar_one()
            tx.add(
                PriceComposition(
                    specification_id=key,
                    from_day=clock.day_of(self.stage.now),
                    price=parts.price,
                    households=parts.households,
                    processing=parts.processing,
                    packing=parts.packing,
                    freight=parts.freight,
                    cooperative=parts.cooperative,
                    platform=parts.platform,
                    tax=parts.tax,
                    tax_class=TaxClass.EXEMPT,
                    state=PriceState.APPROVED,
                    drafted_at=self.stage.now,
                    decided_at=self.stage.now,
                )
            )
