"""Forms of disputes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from products.disputes.states import ClaimKind, ReceivedBy
from products.lots.states import LeafPayment
from shop.web.forms import KilogramField, MoneyField, ReasonForm, ShopForm, above_zero, required

_CLAIMS = [SelectChoice(claim.value, _l(claim.label)) for claim in ClaimKind]
_WAYS = [
    SelectChoice(way.value, _l(way.label)) for way in ReceivedBy if way is not ReceivedBy.STATEMENT
]


class ClaimForm(ShopForm):
    """What a household says of a lot on its statement."""

    claim = RadioField(
        _l("哪里不对"),
        [required(_l("请选一样。"))],
        choices=[choice for choice in _CLAIMS if choice.value != ClaimKind.VILLAGE.value],
        coerce=ClaimKind,
    )
    words = TextAreaField(_l("说几句（可以不写）"), [Length(max=500)])


class RecordForm(ShopForm):
    """A dispute that came by telephone, letter, or at the counter."""

    lot = StringField(_l("批次号"), [required(_l("请填批次号。")), Length(max=32)])
    household = StringField(
        _l("哪一户提的（户码）"), [Length(max=32)], description=_l("村里提的就空着。")
    )
    village = SelectField(_l("哪个村提的"), choices=[])
    claim = RadioField(
        _l("哪里不对"), [required(_l("请选一样。"))], choices=_CLAIMS, coerce=ClaimKind
    )
    received = RadioField(
        _l("怎么收到的"), [required(_l("请选一样。"))], choices=_WAYS, coerce=ReceivedBy
    )
    words = TextAreaField(_l("他们怎么说"), [Length(max=500)])

    def offer(self, villages: list[tuple[str, str]]) -> None:
        """Offer every village, or none."""
        self.village.choices = [SelectChoice("", _l("不是村里提的"))] + [
            SelectChoice(key, name) for key, name in villages
        ]


class DecideForm(ReasonForm):
    """The decision, and why; the household reads it."""

    upheld = RadioField(
        _l("裁定"),
        [required(_l("请选一样。"))],
        choices=[SelectChoice("yes", _l("属实，要更正")), SelectChoice("no", _l("不成立，解冻"))],
    )


class MendForm(ShopForm):
    """What was put right. Its field has an id of its own: the decision may stand beside it."""

    reason = TextAreaField(
        _l("更正了什么"), [required(_l("请写更正了什么。")), Length(max=200)], id="mended"
    )


class SharesForm(ReasonForm):
    """What a disputed delivery really was. Names are those of `correct_shares`."""

    household_id = SelectField(_l("是哪一户的货"), choices=[])
    grams = KilogramField(_l("净重"), [required(_l("请填净重。")), above_zero()])
    fen_per_kg = MoneyField(_l("每公斤单价"), [required(_l("请填每公斤单价。")), above_zero()])
    payment = RadioField(
        _l("怎么付"),
        choices=[SelectChoice(one.value, _l(one.label)) for one in LeafPayment],
        coerce=LeafPayment,
    )
