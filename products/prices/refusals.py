"""What is refused of prices, discounts and freight tables."""

from __future__ import annotations

from shop.core.errors import Refusal
from shop.core.labels import N_


class DayGone(Refusal):
    """Nothing is priced backwards: orders of past days stand."""

    code = "day_gone"
    sentence = N_("生效日期 %(day)s 已经过去。价格只能从今天或以后生效，请换一个日期。")
    field = "from_day"


class DayTaken(Refusal):
    """What waits or counts from a day is not rewritten; another begins on another day."""

    code = "day_taken"
    sentence = N_("从这一天起已有一份在复核或已批准的，请换一个生效日期，或先撤回那一份。")
    field = "from_day"


class DoesNotSum(Refusal):
    """The parts of a price are the price."""

    code = "does_not_sum"
    sentence = N_("七项合计 %(sum)s 元，和价格 %(price)s 元不相等，请逐项核对。")
    status = 422
    field = "price"


class PartBelowZero(Refusal):
    """Nobody pays to have a part in a price."""

    code = "part_below_zero"
    sentence = N_("价格要大于零，任何一项都不能小于零；合作社这一项是 %(cooperative)s 元。")
    status = 422
    field = "price"


class TaxDoesNotFit(Refusal):
    """The tax inside a price follows from its rate; it is not a matter of choice."""

    code = "tax_does_not_fit"
    sentence = N_("按税类计算，这个价格内含税 %(tax)s 元，请照此填写价格构成。")
    status = 422
    field = "tax"


class LadderDoesNotFall(Refusal):
    """A ladder climbs in units and falls in price, from below the base price."""

    code = "ladder_does_not_fall"
    sentence = N_("阶梯价要一级比一级数量多、单价低，并且低于单件价 %(price)s 元。")
    status = 422
    field = "steps"


class AlreadyCounts(Refusal):
    """What has begun to count is followed by another, not taken back."""

    code = "already_counts"
    sentence = N_("它从 %(day)s 起已经生效，不能撤回；要改，请另拟一份从以后的日子起生效。")


class NoPriceYet(Refusal):
    """A discount is taken off a price."""

    code = "no_price_yet"
    sentence = N_("这个规格那一天还没有已批准的价格，请先定价。")
    field = "specification"


class OneWayOnly(Refusal):
    """A discount is a lower price or a percentage."""

    code = "one_way_only"
    sentence = N_("优惠价和折扣百分比请填一样，只填一样。")
    status = 422
    field = "price"


class EndsBeforeItBegins(Refusal):
    """A discount ends on its last day, not before its first."""

    code = "ends_before_it_begins"
    sentence = N_("最后一天不能早于第一天。")
    status = 422
    field = "until_day"


class NoDiscount(Refusal):
    """A discount makes a unit cheaper, and takes from one to ninety per cent off."""

    code = "no_discount"
    sentence = N_("优惠要比现价 %(price)s 元低，折扣要在百分之 1 到 90 之间。")
    status = 422
    field = "price"


class DiscountTooDeep(Refusal):
    """A discounted unit still costs what the households are promised at the listed price."""

    code = "discount_too_deep"
    sentence = N_("优惠后 %(price)s 元，低于原价里的农户份额 %(households)s 元，不能再低。")
    status = 422
    field = "price"


class ZoneUnclear(Refusal):
    """A zone names provinces that exist, each once in a table, and weights above nothing."""

    code = "zone_unclear"
    sentence = N_(
        "第 %(row)s 行：省份要写简称、在一张表里只出现一次；首重、续重和包邮起点要大于零。"
    )
    status = 422
    field = "zones"
