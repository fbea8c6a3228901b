"""What the region sells: the shape of a product in the plan, and its price by parts.

Prices, shares and tax classes are invented for the demo. The mark of a geographical indication
stands only where the sources are sure of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from products.catalogue.rules import Composition, tax_inside
from products.catalogue.states import Category, TaxClass
from shop.core.money import Money

#: A harvest from one day of the year until another, as (month, day).
Window = tuple[tuple[int, int], tuple[int, int]]

SPRING_TEA: Window = ((3, 20), (4, 28))
AUTUMN_TEA: Window = ((9, 18), (10, 16))
ALL_YEAR: tuple[Window, ...] = (
    ((1, 8), (1, 28)),
    ((4, 6), (4, 26)),
    ((7, 6), (7, 26)),
    ((10, 6), (10, 26)),
)

#: Of one unit's price, in basis points: households, processing, packing, freight.
_PARTS = {
    Category.TEA: (5400, 1200, 600, 500),
    Category.FRUIT: (6200, 500, 1000, 1500),
    Category.OIL: (5600, 1200, 500, 700),
    Category.GRAIN: (6000, 1100, 600, 1400),
    Category.POULTRY: (5000, 1200, 700, 1200),
    Category.DRY: (6600, 900, 700, 800),
    Category.FOOD: (4600, 1600, 900, 1100),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """One product in one specification; `yuan` is the price of a unit, `harvest` its seasons.

    `leaf_yuan_per_kg` is what fresh leaf for it costs at the scale, from and to; only for tea
    that begins as leaf.
    """

    slug: str
    county: str
    name: str
    name_en: str
    category: Category
    pack: str
    pack_en: str
    unit: str
    unit_en: str
    net_grams: int
    yuan: int
    season: str
    season_en: str
    harvest: tuple[Window, ...]
    shelf_days: int
    story: str
    story_en: str
    grade: str = ""
    grade_en: str = ""
    gi: bool = False
    fresh: bool = False
    tax: TaxClass = TaxClass.EXEMPT
    leaf_yuan_per_kg: tuple[int, int] | None = None

    def composition(self) -> Composition:
        """What one unit pays for; the cooperative takes what the other parts leave."""
        price = Money(self.yuan * 100)
        households, processing, packing, freight = (
            Money(price.fen * part // 10_000) for part in _PARTS[self.category]
        )
        tax = tax_inside(price, self.tax)
        return Composition(
            price=price,
            households=households,
            processing=processing,
            packing=packing,
            freight=freight,
            cooperative=price - households - processing - packing - freight - tax,
            platform=Money(0),
            tax=tax,
        )

    def ladder(self) -> tuple[tuple[int, Money], ...]:
        """Two steps for small goods, three for those unions buy by the hundred; whole jiao."""
        steps = ((10, 9700), (50, 9400), (200, 9100))[: 3 if self.yuan >= 50 else 2]
        return tuple((units, Money(self.yuan * part // 1000 * 10)) for units, part in steps)

    def fen_per_kg(self, share_percent: int) -> int:
        """What a household asks for a kilogram: so many per cent of its pool, in whole jiao."""
        pool = self.composition().households.fen
        return pool * 1000 * share_percent // 100 // self.net_grams // 10 * 10
