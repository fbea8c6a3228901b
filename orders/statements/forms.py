"""Opening a statement, and saying that something on it is wrong."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from products.households.states import ConsentPurpose
from shop.web.forms import ShopForm, required


class OpenForm(ShopForm):
    """The code printed on the household's card, and its PIN."""

    code = StringField(
        lazy_gettext("卡片上的户码"),
        [required(lazy_gettext("请填卡片上的户码。")), Length(max=40)],
        description=lazy_gettext("九位，三个一组，不分大小写。"),
        render_kw={"autocomplete": "username", "autocapitalize": "characters"},
    )
    pin = StringField(
        lazy_gettext("六位数字密码"),
        [required(lazy_gettext("请填六位数字密码。")), Length(max=20)],
        description=lazy_gettext("忘了密码，请到合作社补发。"),
        render_kw={"autocomplete": "current-password", "inputmode": "numeric"},
    )


class WrongForm(ShopForm):
    """What is wrong; the words may stay empty."""

    words = TextAreaField(
        lazy_gettext("哪里不对（可以不写）"),
        [Length(max=500, message=lazy_gettext("请写几句话，最多 500 字。"))],
        description=lazy_gettext("不写也行，合作社会给您打电话。"),
        render_kw={"rows": 3},
    )


class NoLongerForm(ShopForm):
    """Which consent the household takes back."""

    purpose = SelectField(
        choices=[one.value for one in ConsentPurpose], coerce=ConsentPurpose, validate_choice=False
    )
