"""Freight on top of a price, as pure functions: where it goes, what it weighs, what each bears."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from products.catalogue.rules import Composition, tax_inside
from products.catalogue.states import TaxClass
from shop.core.money import ZERO, Money, total

#: Every province-level region by its short name, with its English one.
PROVINCES = {
    "北京": "Beijing",
    "天津": "Tianjin",
    "河北": "Hebei",
    "山西": "Shanxi",
    "内蒙古": "Inner Mongolia",
    "辽宁": "Liaoning",
    "吉林": "Jilin",
    "黑龙江": "Heilongjiang",
    "上海": "Shanghai",
    "江苏": "Jiangsu",
    "浙江": "Zhejiang",
    "安徽": "Anhui",
    "福建": "Fujian",
    "江西": "Jiangxi",
    "山东": "Shandong",
    "河南": "Henan",
    "湖北": "Hubei",
    "湖南": "Hunan",
    "广东": "Guangdong",
    "广西": "Guangxi",
    "海南": "Hainan",
    "重庆": "Chongqing",
    "四川": "Sichuan",
    "贵州": "Guizhou",
    "云南": "Yunnan",
    "西藏": "Tibet",
    "陕西": "Shaanxi",
    "甘肃": "Gansu",
    "青海": "Qinghai",
    "宁夏": "Ningxia",
    "新疆": "Xinjiang",
    "台湾": "Taiwan",
    "香港": "Hong Kong",
    "澳门": "Macau",
}

#: 北京西路 is a street, 北京西城区 is not.
_BEGINS = re.compile(
    rf"(?:中国)?(?P<province>{'|'.join(PROVINCES)})(?![东西南北中]?(?:路|街|大道|大街))"
)

#: The seven parts of a price; what is left out falls to the cooperative, the tax follows its rate.
PARTS = ("households", "processing", "packing", "freight", "cooperative", "platform", "tax")


def province_of(address: str) -> str:
    """The province an address begins with, by its short name; empty when it names none."""
    found = _BEGINS.match("".join(address.split()))
    return found["province"] if found else ""


@dataclass(frozen=True, slots=True)
class Zone:
    """What some provinces bear: first grams, each further step begun, and from when on nothing."""

    provinces: tuple[str, ...]
    first_grams: int
    first: Money
    step_grams: int
    step: Money
    free_from: Money | None = None
    free_from_grams: int | None = None

    @property
    def names_en(self) -> str:
        """The provinces in English."""
        return ", ".join(PROVINCES.get(name, name) for name in self.provinces)

    def surcharge(self, grams: int, goods: Money) -> Money:
        """What an order of this weight and value of goods bears (加收运费).

        Rule: docs/money.md, “Freight surcharge”.
        """
        if self.free_from is not None and goods >= self.free_from:
            return ZERO
        if self.free_from_grams is not None and grams >= self.free_from_grams:
            return ZERO
        further = max(0, grams - self.first_grams)
        return self.first + self.step * -(-further // self.step_grams)


def borne_by_each(surcharge: Money, grams: Sequence[tuple[int, int]]) -> list[Money]:
    """What one unit of each line bears of an order's surcharge: by weight, to the fen above.

    Args:
        grams: (grams of a unit, units) for each line; at least one weighs something.

    Rule: docs/money.md, “Freight surcharge”.
    """
    whole = sum(each * units for each, units in grams)
    return [Money(-(-surcharge.fen * each // whole)) for each, _units in grams]


def filled_in(
    price: Money, parts: Mapping[str, Money | None], tax_class: TaxClass
) -> dict[str, Money]:
    """The parts of a price with what was left open: tax by its rate, the cooperative the rest.

    The cooperative's part may come out below zero; then the parts do not sum.
    """
    given = {name: parts.get(name) for name in PARTS}
    if given["tax"] is None:
        given["tax"] = tax_inside(price, tax_class)
    left_open = given["cooperative"] is None
    found = {name: part if part is not None else ZERO for name, part in given.items()}
    if left_open:
        found["cooperative"] = price - total(list(found.values()))
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of a price beside the same part of the price it replaces."""

    key: str
    before: Money | None
    after: Money

    @property
    def change(self) -> Money:
        """How much it rises, below zero when it falls."""
        return self.after - (self.before or ZERO)


def differences(before: Composition | None, after: Composition) -> tuple[Difference, ...]:
    """The parts of a new price beside those of the present one, the price itself last."""
    return tuple(
        Difference(key, getattr(before, key) if before else None, getattr(after, key))
        for key in (*PARTS, "price")
    )
