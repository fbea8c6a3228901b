"""Typing a code, and choosing how many labels on which paper."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import Length

from products.traceability.rules import PAPERS, what_is_wrong
from shop.core.reference import read_reference
from shop.web.forms import CountField, ShopForm, above_zero, required


class CodeForm(ShopForm):
    """A trace code as somebody reads it from a label; `stored` is the code as we keep it."""

    class Meta:
        csrf = False  # sent by GET: the address is the answer

    code = StringField(
        lazy_gettext("溯源码"),
        [required(lazy_gettext("请输入标签上的 9 位溯源码。")), Length(max=40)],
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "placeholder": "7K2-M9X-4QD",
        },
    )

    def validate_code(self, field: StringField) -> None:
        hint = what_is_wrong(field.data or "")
        if hint is not None:
            typed = "".join((field.data or "").split()).replace("-", "")
            raise ValidationError(gettext(hint) % {"count": len(typed)})

    @property
    def stored(self) -> str:
        """The code as stored; only after the form was found good."""
        return read_reference(self.code.data or "") or ""


class LabelForm(ShopForm):
    """How many labels, on which paper."""

    class Meta:
        csrf = False  # only reads

    paper = RadioField(
        lazy_gettext("纸张"),
        choices=[SelectChoice(paper.key, lazy_gettext(paper.label)) for paper in PAPERS],
        default=PAPERS[0].key,
    )
    count = CountField(lazy_gettext("张数"), [required(), above_zero()])

    def validate_count(self, field: CountField) -> None:
        if field.data is not None and field.data > 2000:
            raise ValidationError(gettext("一次最多 2000 张，请分几次打印。"))
