"""What people type about rates of reserve."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length, Regexp

from orders.reserves.queries import Reserve
from shop.web.forms import DayField, ShopForm, required


class RateForm(ShopForm):
    """What a cooperative is to set aside from a day on."""

    cooperative = SelectField(lazy_gettext("合作社"))
    from_day = DayField(lazy_gettext("从哪天起"), [required()])
    percent = StringField(
        lazy_gettext("计提比例"),
        [
            required(),
            Regexp(r"^\d{1,3}(\.\d{1,2})?$", message=lazy_gettext("请填百分数，例如 5 或 2.5。")),
        ],
        description=lazy_gettext("从合作社所得中提多少，留作退货准备。"),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reason = TextAreaField(lazy_gettext("理由"), [required(), Length(max=200)])

    def offer(self, reserves: tuple[Reserve, ...]) -> None:
        """The cooperatives to choose from."""
        self.cooperative.choices = [(row.cooperative_id, row.name) for row in reserves]

    @property
    def bp(self) -> int:
        """What was typed, in basis points."""
        whole, _point, part = self.percent.data.partition(".")
        return int(whole) * 100 + int(part.ljust(2, "0") or 0)
