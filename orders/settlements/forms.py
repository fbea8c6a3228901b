"""What people type about settlement runs."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length, Optional

from shop.core.labels import N_
from shop.organisations.queries import OrganisationRow
from shop.web.forms import DayField, MoneyField, ShopForm, SumForm, required


class DraftForm(ShopForm):
    """Which lots a run is tried out over: all, or a choice."""

    cooperative = SelectField(lazy_gettext("结算范围"))
    purchase = StringField(
        lazy_gettext("只结一张采购单用到的批次"),
        description=lazy_gettext("填采购单号；不填就不限。每个批次都整批结算，精确到分。"),
        validators=[Optional(), Length(max=32)],
    )
    packed_from = DayField(lazy_gettext("包装日期从"), validators=[Optional()])
    packed_to = DayField(lazy_gettext("包装日期到"), validators=[Optional()])

    def offer(self, cooperatives: list[OrganisationRow]) -> None:
        """Let all cooperatives be chosen, or one."""
        self.cooperative.choices = [
            ("", gettext("全部合作社")),
            *((row.public_id, row.name) for row in cooperatives),
        ]


class ApproveForm(SumForm):
    """Dangerous: the person types the sum that is posted, bound to what was seen."""

    seen_hash = HiddenField()
    typed = MoneyField(
        lazy_gettext("结算合计"),
        description=lazy_gettext("请照着上面的合计再填一遍，表示您核对过。"),
        validators=[required()],
    )
    differs = N_("和这次的合计不一样，请核对。")
