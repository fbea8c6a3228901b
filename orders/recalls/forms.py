"""Forms of recalls."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from orders.recalls.scope import Scope
from orders.recalls.states import Channel, Fate, RecallReason, ScopeKind
from products.catalogue.states import Category
from shop.organisations.queries import OrganisationRow
from shop.web.forms import CountField, DayField, KilogramField, ShopForm, required

#: Two forms with a reason may stand on one page: each names its own field.
_WHY = [InputRequired(_l("请写明原因，对方会看到。")), Length(max=200)]


class ScopeForm(ShopForm):
    """Where a recall begins. Names are those of `Scope`."""

    kind = SelectField(
        _l("从哪里开始查"),
        choices=[SelectChoice(kind.value, _l(kind.label)) for kind in ScopeKind],
        coerce=ScopeKind,
        default=ScopeKind.LOT,
    )
    what = TextAreaField(
        _l("批次号、报告编号、户码、村名或溯源码"),
        [Length(max=2000)],
        description=_l(
            "按批次、投售查填批次号；按检测查填报告编号或批次号；按农户查填户码或匿名编号；按村查填村名，同名的村要连乡镇一起写；按盒上的码可填好几个。"
        ),
    )
    cooperative = SelectField(
        _l("合作社"),
        choices=[],
        validate_choice=False,
        description=_l("按收货或分装的日子查时要选；按村查可以不选。"),
    )
    category = SelectField(_l("品类"), choices=[], validate_choice=False)
    since = DayField(_l("从哪天"), [Optional()], description=_l("按日子、农户或村查时要填。"))
    until = DayField(_l("到哪天（含）"), [Optional()])

    def offer(self, cooperatives: Sequence[OrganisationRow]) -> None:
        """Offer every cooperative and category, or none."""
        self.cooperative.choices = [SelectChoice("", _l("不限"))] + [
            SelectChoice(row.public_id, row.name) for row in cooperatives
        ]
        self.category.choices = [SelectChoice("", _l("不限"))] + [
            SelectChoice(one.value, _l(one.label)) for one in Category
        ]

    def scope(self) -> Scope:
        """What was filled in, typed."""
        category = self.category.data
        return Scope(
            kind=self.kind.data,
            what=self.what.data or "",
            since=self.data["since"],
            until=self.data["until"],
            cooperative=self.cooperative.data or "",
            category=next((one for one in Category if one.value == category), None),
        )


class OpenForm(ScopeForm):
    """A recall as it is opened: what is public of it, and whether it is a drill."""

    reason_kind = SelectField(
        _l("为什么召回"),
        choices=[SelectChoice(one.value, _l(one.label)) for one in RecallReason],
        coerce=RecallReason,
    )
    reason = TextAreaField(
        _l("具体情况"),
        [required(_l("请写明原因。")), Length(max=300)],
        description=_l("会公开。不写人名，不写农户。"),
    )
    advice = TextAreaField(
        _l("请买到的人怎么做"),
        [required(_l("请写请买到的人怎么做。")), Length(max=300)],
        description=_l("会公开。例如：停止食用，连包装退回，运费由平台承担。"),
    )
    drill = RadioField(
        _l("性质"),
        [required(_l("请选一样。"))],
        choices=[
            SelectChoice("no", _l("真召回：马上冻结，通知买方和合作社，上公开名单")),
            SelectChoice("yes", _l("演练：不冻结，不通知买方，不上公开名单")),
        ],
    )


class CloseForm(ShopForm):
    """The conclusion of a recall, public."""

    reason = TextAreaField(_l("结论"), _WHY, id="close-reason")


class CancelForm(ShopForm):
    """Why a recall is taken back, public."""

    reason = TextAreaField(_l("为什么撤销"), _WHY, id="cancel-reason")


class SpareForm(ShopForm):
    """Why one lot is harmless."""

    reason = TextAreaField(_l("为什么无害"), _WHY, id="spare-reason")


class BackForm(ShopForm):
    """What somebody holds in hand."""

    what = StringField(
        _l("订单号、采购单号、批次号、溯源码，或收货人姓名"), [required(), Length(max=64)]
    )


class AnswerForm(ShopForm):
    """What a buyer says of recalled goods."""

    holds = CountField(
        _l("手里还有多少"), [required(_l("没有就填 0。"))], description=_l("没开封和开了封的都算。")
    )
    words = TextAreaField(_l("要说的话（可以不写）"), [Length(max=300)])


class FollowForm(ShopForm):
    """One line of following up."""

    fate = RadioField(
        _l("结果"),
        [required(_l("请选一样。"))],
        choices=[SelectChoice(one.value, _l(one.label)) for one in Fate],
        coerce=Fate,
    )
    units = CountField(
        _l("件数"), [required(_l("没有就填 0。"))], description=_l("只是联系过，填 0。")
    )
    correction = BooleanField(_l("更正：从这一项里减去这些件"))
    channel = SelectField(
        _l("怎么联系的"),
        choices=[SelectChoice(one.value, _l(one.label)) for one in Channel],
        coerce=Channel,
    )
    words = TextAreaField(_l("说明"), [Length(max=300)])


class DestroyForm(ShopForm):
    """What of a lot is to be destroyed: kilograms of goods, or units of a packed lot."""

    grams = KilogramField(_l("销毁多少"))
    units = CountField(_l("销毁多少件"))
    words = TextAreaField(_l("怎么销毁，在哪里"), [required(_l("请写怎么销毁。")), Length(max=200)])
