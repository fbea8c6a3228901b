"""What happens in the shed besides firing and packing: parts, stems, a loss, corrections, an alarm.

Some of it long ago, so that money has followed; some in the last days, so that it still waits.
"""

from __future__ import annotations

from sqlalchemy import select

from products.catalogue.states import Category
from products.households.models import Household
from products.lots import commands as lots
from products.lots.correcting import correct_shares
from products.lots.dividing import divide, lose
from products.lots.models import Delivery, Lot
from products.lots.processes import add_process
from products.lots.states import LeafPayment, LotKind
from shop.demo.processes import LEAF
from shop.demo.region import Home, Region
from shop.demo.season import steps_of
from shop.demo.story import Story
from shop.organisations.models import Organisation

#: The cooperative whose shed it is.
CODE = "SCTH"


class Workshop:
    """One cooperative's shed."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.manager = region.managers[CODE]
        homes = [home for home in region.homes[CODE] if home.plan.leaf]
        # Those with the most land: what is corrected here is no case of too many baskets.
        self.homes = sorted(homes, key=lambda home: -home.plan.mu)

    def plan(self) -> None:
        """Put the acts into the plot."""
        story = self.story
        story.at(story.ago(200, 11), self._own_process)
        story.at(story.ago(45, 11), self._correct, self.homes[0], 80)
        story.at(story.ago(3, 9), self._take_apart)
        story.at(story.ago(2, 15), self._correct, self.homes[1], 20)
        story.at(story.ago(2, 17), self._too_little_tea, self.homes[2])

    def _own_process(self) -> None:
        self.story.do(
            add_process,
            self.manager,
            cooperative_id=self.region.organisations[CODE],
            category=Category.TEA,
            name="手工红茶",
            name_en="Black tea by hand",
            makes="红毛茶",
            makes_en="Rough black tea",
            steps=(
                ("萎凋", "Withering"),
                ("揉捻", "Rolling"),
                ("发酵", "Oxidising"),
                ("炭焙", "Drying over charcoal"),
            ),
        )

    def _correct(self, home: Home, thousandths: int) -> None:
        """A household's first used leaf weighed less: so many thousandths of it were the basket."""
        found = self.story.tx.execute(
            select(Lot.public_id, Delivery.net_grams, Delivery.fen_per_kg, Delivery.payment)
            .join(Delivery, Delivery.lot_id == Lot.id)
            .join(Household, Household.id == Delivery.household_id)
            .where(
                Household.public_id == home.id,
                Lot.used_grams > 0,
                Lot.category == Category.TEA,
                Lot.name == LEAF,
            )
            .order_by(Lot.id)
            .limit(1)
        ).one_or_none()
        if found is None:
            return
        lot, grams, fen_per_kg, payment = found
        self.story.do(
            correct_shares,
            self.manager,
            lot_id=lot,
            household_id=home.id,
            grams=grams - grams * thousandths // 1000,
            fen_per_kg=fen_per_kg,
            payment=payment,
            reason="复称发现没有去筐重，按筐的重量减去。",
        )

    def _take_apart(self) -> None:
        """The latest rough tea is sorted: two heaps and the stems; some of it got damp."""
        found = self.story.tx.execute(
            select(Lot.public_id, Lot.grams - Lot.used_grams - Lot.lost_grams)
            .where(
                Lot.kind == LotKind.PROCESSED,
                Lot.cooperative_id == self._cooperative(),
                Lot.freezes == 0,
                Lot.used_grams + Lot.lost_grams == 0,
            )
            .order_by(Lot.id.desc())
            .limit(1)
        ).one_or_none()
        if found is None:
            return
        lot, left = found
        common = {"lot_id": lot, "note": "风选、拣梗以后分堆。"}
        heaps = (("毛茶上段", "一级", left * 45 // 100), ("毛茶下段", "二级", left * 30 // 100))
        stems = (("茶梗", "", left * 6 // 100),)
        self.story.do(divide, self.manager, kind=LotKind.PART, parts=heaps, **common)
        self.story.do(divide, self.manager, kind=LotKind.BYPRODUCT, parts=stems, **common)
        self.story.do(
            lose, self.manager, lot_id=lot, grams=left * 2 // 100, reason="受潮结块，拣出来倒掉。"
        )

    def _too_little_tea(self, home: Home) -> None:
        """Out of 18 kg of leaf come 2.6 kg: an alarm that waits for a second signature."""
        leaf = self.story.do(
            lots.weigh_in,
            self.region.people.get(f"{CODE}:weigher", self.manager),
            household_id=home.id,
            plot_id=home.plot,
            category=Category.TEA,
            name=LEAF,
            grade="一级",
            grams=18_000,
            fen_per_kg=6_400,
            payment=LeafPayment.PAID,
            certificate=f"HGZ{home.plan.phone[-4:]}{self.story.now:%m%d}",
        )
        process, steps = steps_of(self.story, Category.TEA)
        self.story.do(
            lots.process,
            self.manager,
            cooperative_id=self.region.organisations[CODE],
            process_id=process,
            inputs=((leaf, 18_000),),
            grams=2_600,
            grade="一级",
            steps=steps,
            note="锅温过高，碎末多。",
        )

    def _cooperative(self) -> int:
        return self.story.tx.execute(
            select(Organisation.id).where(Organisation.code == CODE)
        ).scalar_one()
