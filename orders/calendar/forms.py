"""What people type about the bank calendar."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from orders.calendar.states import DayKind
from shop.web.forms import DayField, ShopForm, required


class ChangeForm(ShopForm):
    """Days on which banks work or do not."""

    first_day = DayField(lazy_gettext("第一天"), [required()])
    last_day = DayField(lazy_gettext("最后一天"), [required()])
    kind = SelectField(lazy_gettext("放假还是上班"))
    reason = TextAreaField(
        lazy_gettext("依据"),
        [required(), Length(max=200)],
        description=lazy_gettext(
            "哪份通知、哪天发的，例如“国务院办公厅关于某年节假日安排的通知”。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, gettext(kind.label)) for kind in DayKind]

    @property
    def chosen(self) -> DayKind:
        """The kind that was chosen."""
        return next(kind for kind in DayKind if kind.value == self.kind.data)
