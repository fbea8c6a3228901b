"""What people type about settlement runs."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField

from shop.core.labels import N_
from shop.organisations.queries import OrganisationRow
from shop.web.forms import MoneyField, ShopForm, SumForm, required


class DraftForm(ShopForm):
    """Of which cooperative a run is tried out."""

    cooperative = SelectField(lazy_gettext("结算范围"))

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
