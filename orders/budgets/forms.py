"""Forms of union budgets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from shop.web.forms import CountField, MoneyField, ShopForm, above_zero, required


class BudgetForm(ShopForm):
    """What a union approved for one purpose in one year."""

    year = CountField(_l("年度"), [required()])
    purpose = StringField(
        _l("用途"),
        [required(), Length(max=64)],
        description=_l("例如“节日慰问”“夏送清凉”。同一年度同一用途只有一笔，再次登记即调整额度。"),
    )
    amount = MoneyField(_l("批准额度"), [required(), above_zero()])
