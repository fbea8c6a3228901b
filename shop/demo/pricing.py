"""Freight tables, discounts and prices of the tea cooperative, at every stage of being decided."""

from __future__ import annotations

from datetime import timedelta

from products.prices.deciding import approve, send_back, withdraw
from products.prices.drafting import draft_discount, draft_freight, draft_price
from products.prices.rules import Zone
from shop.core import clock
from shop.core.money import Money
from shop.demo.region import GOODS, Region
from shop.demo.story import Story

_FAR = (
    Zone(("新疆", "西藏"), 1000, Money(1200), 1000, Money(800), None, 50_000),
    Zone(
        ("内蒙古", "青海", "甘肃", "宁夏"), 1000, Money(600), 1000, Money(300), Money(300_000), None
    ),
)
_TEA = "gougunao-teji"


class Pricing:
    """What the tea cooperative asks for, and what the platform says to it."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.manager = region.managers["SCTH"]
        self.operator = region.person("operator")

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        story.at(clock.at(story.first, 11), self._freight)
        story.at(story.ago(6, 9), self._discount)
        story.at(story.ago(5, 9), self._too_dear)
        story.at(story.ago(1, 10), self._next_season)
        story.at(story.ago(1, 11), self._other_union)

    def _freight(self) -> None:
        table = self.story.do(
            draft_freight,
            self.manager,
            cooperative_id=self.region.organisations["SCTH"],
            from_day=clock.day_of(self.story.now),
            zones=_FAR,
            send=True,
        )
        self.story.do(approve, self.operator, thing_id=table)

    def _discount(self) -> None:
        """For the first clerk's union; it holds when the story ends."""
        discount = self._percent("GXZY", 5, days=30)
        self.story.do(approve, self.operator, thing_id=discount)

    def _other_union(self) -> None:
        """Drafted by mistake and taken back."""
        draft = self._percent("LXLK", 15, days=10, send=False)
        self.story.do(withdraw, self.manager, thing_id=draft, reason="工会说下个月再办")

    def _too_dear(self) -> None:
        self.story.at(self.story.later(1, 15), self._return, self._price(130))

    def _return(self, price: str) -> None:
        self.story.do(
            send_back, self.operator, thing_id=price, reason="农户份额没有跟着价格涨，请重算。"
        )

    def _next_season(self) -> None:
        """Waits for a second person when the story ends."""
        self._price(105)

    def _price(self, percent: int) -> str:
        good = GOODS[_TEA]
        base = good.composition()
        price = Money(base.price.fen * percent // 100)
        return self.story.do(
            draft_price,
            self.manager,
            specification_id=self.region.specifications[_TEA],
            from_day=clock.day_of(self.story.now) + timedelta(days=30),
            tax_class=good.tax,
            price=price,
            parts={
                "households": Money(base.households.fen * min(percent, 105) // 100),
                "processing": base.processing,
                "packing": base.packing,
                "freight": base.freight,
                "platform": base.platform,
            },
            steps=tuple(
                (units, Money(step.fen * percent // 1000 * 10)) for units, step in good.ladder()
            ),
            send=True,
        )

    def _percent(self, union: str, percent: int, *, days: int, send: bool = True) -> str:
        first = clock.day_of(self.story.now)
        return self.story.do(
            draft_discount,
            self.manager,
            specification_id=self.region.specifications[_TEA],
            union_id=self.region.organisations[union],
            from_day=first,
            until_day=first + timedelta(days=days),
            price=None,
            percent=percent,
            send=send,
        )
