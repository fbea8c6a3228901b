"""Typing a code, making and giving codes, labels, boxes, and what is wrong with a box."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional, Regexp

from products.traceability.finding import normal
from products.traceability.papers import PAPERS, Paper
from products.traceability.rules import what_is_wrong
from products.traceability.spelling import plain_of
from products.traceability.states import CodeKind
from shop.web.forms import CountField, ShopForm, above_zero, required

_KINDS = [SelectChoice(member.value, lazy_gettext(member.label)) for member in CodeKind]


class CodeForm(ShopForm):
    """A code as somebody reads it from a label; `stored` is the code as we keep it."""

    class Meta:
        csrf = False  # sent by GET: the address is the answer

    code = StringField(
        lazy_gettext("溯源码"),
        [required(lazy_gettext("请输入标签上的码。")), Length(max=60)],
    )

    def validate_code(self, field: StringField) -> None:
        typed = field.data or ""
        if normal(typed) is None:
            raise ValidationError(gettext(what_is_wrong(typed)) % {"count": len(plain_of(typed))})

    @property
    def stored(self) -> str:
        """The code as stored; only after the form was found good."""
        return normal(self.code.data or "") or ""


class ShelfCardForm(ShopForm):
    """How many cards with the code of a whole lot, on which paper."""

    class Meta:
        csrf = False  # only reads

    paper = RadioField(lazy_gettext("纸张"))
    count = CountField(lazy_gettext("张数"), [required(), above_zero()])

    def validate_count(self, field: CountField) -> None:
        if field.data is not None and field.data > 2000:
            raise ValidationError(gettext("一次最多 2000 张，请分几次打印。"))

    def offer(self, papers: Sequence[Paper] = PAPERS) -> None:
        """Offer these papers, the first one chosen."""
        _offer(self.paper, papers)


class LabelForm(ShopForm):
    """Labels of a range of codes. Names are those of `print_labels`."""

    paper = RadioField(lazy_gettext("纸张"))
    first_serial = CountField(lazy_gettext("从几号开始"), [required(), above_zero()])
    count = CountField(lazy_gettext("张数"), [required(), above_zero()])
    start = CountField(
        lazy_gettext("第一页从第几格开始"),
        [required(), above_zero()],
        default=1,
        description=lazy_gettext("用剩的半张纸可以接着用：从左上角起一格一格数。"),
    )

    def offer(self, papers: Sequence[Paper]) -> None:
        """Offer these papers, the first one chosen."""
        _offer(self.paper, papers)


def _offer(field: RadioField, papers: Sequence[Paper]) -> None:
    field.choices = [SelectChoice(paper.key, gettext(paper.label)) for paper in papers]
    if not field.data:
        field.data = papers[0].key


class MakeForm(ShopForm):
    """How many codes of which kind."""

    kind = RadioField(
        lazy_gettext("哪一种码"), choices=_KINDS, coerce=CodeKind, default=CodeKind.UNIT
    )
    count = CountField(lazy_gettext("多少个"), [required(), above_zero()])


class AllocateForm(ShopForm):
    """Which codes of stock a lot gets."""

    batch_id = SelectField(lazy_gettext("哪一段码"))
    first_serial = CountField(lazy_gettext("从几号开始"), [required(), above_zero()])
    count = CountField(lazy_gettext("多少个"), [required(), above_zero()])


class WithdrawForm(ShopForm):
    """Which code is taken out of use, and why."""

    code = StringField(lazy_gettext("哪个码"), [required(), Length(max=60)])
    reason = StringField(lazy_gettext("为什么作废"), [required(), Length(max=200)])


class ExternalForm(ShopForm):
    """The code another scheme gave to a lot."""

    scheme = StringField(
        lazy_gettext("哪个体系"),
        [required(), Length(max=32)],
        description=lazy_gettext("例如：省农产品追溯平台。"),
    )
    value = StringField(lazy_gettext("外部码"), [required(), Length(max=128)])


class BoxForm(ShopForm):
    """One box and what was scanned into it."""

    box_code = StringField(lazy_gettext("箱码"), [required(), Length(max=60)])
    contents = TextAreaField(
        lazy_gettext("箱里的码"),
        [required(), Length(max=60_000)],
        description=lazy_gettext("每行一个；用扫码枪一个个扫进来就行。"),
    )

    @property
    def scanned(self) -> tuple[str, ...]:
        """The codes, one from each line that is not empty; of a link its last part."""
        lines = (line.strip() for line in (self.contents.data or "").splitlines())
        return tuple(line.rstrip("/").rsplit("/", 1)[-1] for line in lines if line)


class BoxingForm(ShopForm):
    """Boxing a whole lot in the order of its serials."""

    per_box = CountField(lazy_gettext("每箱几件"), [required(), above_zero()])


class ComplaintForm(ShopForm):
    """What is wrong with a box, and where to call back."""

    words = TextAreaField(
        lazy_gettext("哪里不对"),
        [required(lazy_gettext("请写明哪里不对。")), Length(max=1000)],
    )
    phone = StringField(
        lazy_gettext("您的电话"),
        [
            Optional(),
            Length(max=20),
            Regexp(r"^[0-9 +()-]{5,20}$", message=lazy_gettext("请填电话号码，或者空着。")),
        ],
        description=lazy_gettext("可以不填。填了会加密保存，只用来回您的话。"),
    )


class AnswerForm(ShopForm):
    """What the complainant is told."""

    answer = TextAreaField(
        lazy_gettext("答复"),
        [required(lazy_gettext("请写明答复，投诉人会看到。")), Length(max=1000)],
    )
