"""What a cooperative types to price its goods."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectChoice, SelectField, ValidationError
from wtforms.validators import Optional

from products.catalogue.states import TaxClass
from products.prices.fields import LadderField, ZonesField
from products.prices.rules import PARTS
from shop.core.money import Money
from shop.organisations.queries import OrganisationRow
from shop.web.filters import either
from shop.web.forms import CountField, DayField, MoneyField, ShopForm, above_zero, required


def not_below_zero(_form: Any, field: Any) -> None:
    """An amount of nothing or more."""
    if isinstance(field.data, Money) and field.data.fen < 0:
        raise ValidationError(gettext("不能小于零。"))


class PriceForm(ShopForm):
    """A price from a day on: its seven parts, its tax class, its ladder."""

    from_day = DayField(lazy_gettext("从哪天起"), [required(lazy_gettext("请选日期。"))])
    tax_class = RadioField(
        lazy_gettext("税类"),
        choices=[SelectChoice(one.value, lazy_gettext(one.label)) for one in TaxClass],
        coerce=TaxClass,
        default=TaxClass.EXEMPT,
    )
    price = MoneyField(lazy_gettext("一件的价格"), [required(), above_zero()])
    households = MoneyField(lazy_gettext("农户份额"), [required(), not_below_zero])
    processing = MoneyField(lazy_gettext("加工"), [required(), not_below_zero])
    packing = MoneyField(lazy_gettext("包装"), [required(), not_below_zero])
    freight = MoneyField(lazy_gettext("运费"), [required(), not_below_zero])
    cooperative = MoneyField(
        lazy_gettext("合作社"),
        [Optional(), not_below_zero],
        description=lazy_gettext("空着就是剩下的。"),
    )
    platform = MoneyField(lazy_gettext("平台服务费"), [required(), not_below_zero])
    tax = MoneyField(
        lazy_gettext("税"),
        [Optional(), not_below_zero],
        description=lazy_gettext("空着就按税类算。"),
    )
    steps = LadderField(
        lazy_gettext("阶梯价"),
        description=lazy_gettext("每行一级：起始数量、空格、单价，例如 10 230.00。没有就空着。"),
    )

    @property
    def parts(self) -> dict[str, Money | None]:
        """What each part gets, None where it was left open."""
        return {name: self[name].data for name in PARTS}


class DiscountForm(ShopForm):
    """A discount on one specification."""

    specification = SelectField(lazy_gettext("哪个规格"), choices=[])
    union = SelectField(lazy_gettext("给谁"), choices=[])
    from_day = DayField(lazy_gettext("第一天"), [required(lazy_gettext("请选日期。"))])
    until_day = DayField(lazy_gettext("最后一天"), [required(lazy_gettext("请选日期。"))])
    price = MoneyField(
        lazy_gettext("优惠价"),
        [Optional(), above_zero()],
        description=lazy_gettext("一件的价格；和折扣只填一样。"),
    )
    percent = CountField(
        lazy_gettext("减百分之几"),
        [Optional(), above_zero()],
        description=lazy_gettext("1 到 90；在阶梯价上减，四舍五入到分。"),
    )

    def offer(self, goods: Any, unions: list[OrganisationRow]) -> None:
        """Fill the choices: priced goods of the cooperative, and who may get the discount."""
        self.specification.choices = [
            SelectChoice(
                one.specification_id,
                f"{either(one.product, one.product_en)}"
                f" {either(one.specification, one.specification_en)}",
            )
            for one in goods
        ]
        self.union.choices = [
            SelectChoice("", gettext("所有买家")),
            *(SelectChoice(one.public_id, either(one.name, one.name_en)) for one in unions),
        ]


class FreightForm(ShopForm):
    """A freight table from a day on."""

    from_day = DayField(lazy_gettext("从哪天起"), [required(lazy_gettext("请选日期。"))])
    zones = ZonesField(
        lazy_gettext("加收运费的地方"),
        description=lazy_gettext(
            "每行一个区，用竖线隔开，后两格可以空着：新疆、西藏 | 1 | 12.00 | 1 | 8.00 | 3000 | 50"
        ),
    )
