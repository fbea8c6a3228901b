"""How the region makes its goods, and what is plausible of them; the figures are assumptions.

The ratio of leaf to tea (3.8 to 5.5) is the trade's rule of thumb; what a mu bears is invented
for the demo and is to be replaced by what the county's agronomists say.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from products.catalogue.states import Category
from products.certificates.commands import set_certificate_rule
from products.lots.alarms import set_mass_rule
from products.lots.processes import add_process
from shop.core.actors import CLOCK
from shop.demo.story import Story


class Plan(NamedTuple):
    """One process: what for, what it makes, its steps; each name in both languages."""

    category: Category
    name: tuple[str, str]
    makes: tuple[str, str]
    steps: tuple[tuple[str, str], ...]


LEAF, ROUGH_TEA = "茶鲜叶", "毛茶"

#: What a mu of tea garden bears in a year, in grams of leaf.
LEAF_PER_MU = 60_000

PROCESSES = (
    Plan(
        Category.TEA,
        ("绿茶初制", "Green tea, first processing"),
        (ROUGH_TEA, "Rough tea"),
        (
            ("拣青", "Sorting the leaf"),
            ("摊青", "Spreading"),
            ("杀青", "Fixing"),
            ("初揉", "First rolling"),
            ("复炒", "Second firing"),
            ("复揉", "Second rolling"),
            ("整形提毫", "Shaping, raising the down"),
            ("足干", "Final drying"),
        ),
    ),
    Plan(
        Category.FRUIT,
        ("鲜果分选", "Sorting fruit"),
        ("分选果", "Sorted fruit"),
        (("采摘", "Picking"), ("分选", "Sorting"), ("清洁", "Cleaning"), ("装箱", "Boxing")),
    ),
    Plan(
        Category.OIL,
        ("油茶籽压榨", "Pressing camellia seed"),
        ("毛油", "Pressed oil"),
        (
            ("烘干", "Drying"),
            ("脱壳", "Hulling"),
            ("炒籽", "Roasting"),
            ("压榨", "Pressing"),
            ("过滤", "Filtering"),
        ),
    ),
    Plan(
        Category.POULTRY,
        ("禽类屠宰", "Slaughtering poultry"),
        ("白条", "Dressed bird"),
        (
            ("检疫", "Quarantine check"),
            ("屠宰", "Slaughtering"),
            ("清洗", "Washing"),
            ("预冷", "Chilling"),
            ("分级", "Grading"),
        ),
    ),
    Plan(
        Category.GRAIN,
        ("稻谷加工", "Milling rice"),
        ("大米", "Milled rice"),
        (("晾晒", "Sun-drying"), ("砻谷", "Hulling"), ("碾米", "Milling"), ("色选", "Sorting")),
    ),
    Plan(
        Category.DRY,
        ("干货整理", "Preparing dried goods"),
        ("净货", "Cleaned goods"),
        (("晾晒", "Sun-drying"), ("去杂", "Cleaning"), ("分级", "Grading")),
    ),
)


class Rule(NamedTuple):
    """What is plausible: a window of ratios in hundredths, or what a mu bears in grams."""

    category: Category
    goods: str
    window: tuple[int, int] | None
    most_grams_per_mu: int | None


RULES = (
    Rule(Category.TEA, ROUGH_TEA, (380, 550), None),
    Rule(Category.TEA, LEAF, None, LEAF_PER_MU),
    # A household's own dry tea stands for some four and a half times its weight in leaf.
    Rule(Category.TEA, "", None, LEAF_PER_MU * 10 // 45),
    Rule(Category.FRUIT, "", None, 3_000_000),
    Rule(Category.GRAIN, "", None, 600_000),
    Rule(Category.OIL, "毛油", (300, 500), None),
)

#: Since 2026 buyers collect certificates of fruit, fresh leaf and eggs; dried and processed goods
#: need none by law.
CERTIFIED = (Category.TEA, Category.FRUIT, Category.POULTRY)
CERTIFIED_SINCE = date(2026, 2, 1)


def set_up(story: Story) -> None:
    """Write processes and rules down for every cooperative."""
    for plan in PROCESSES:
        story.do(
            add_process,
            CLOCK,
            cooperative_id=None,
            category=plan.category,
            name=plan.name[0],
            name_en=plan.name[1],
            makes=plan.makes[0],
            makes_en=plan.makes[1],
            steps=plan.steps,
        )
    for category in CERTIFIED:
        story.do(
            set_certificate_rule,
            CLOCK,
            category=category,
            from_day=CERTIFIED_SINCE,
            demanded=True,
        )
    for rule in RULES:
        low, high = rule.window or (None, None)
        story.do(
            set_mass_rule,
            CLOCK,
            category=rule.category,
            goods=rule.goods,
            grade="",
            from_day=story.first,
            ratio_low=low,
            ratio_high=high,
            most_grams_per_mu=rule.most_grams_per_mu,
        )
