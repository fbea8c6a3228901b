"""What people type about bank layouts."""

from __future__ import annotations

from typing import TypeVar

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from orders.payments.formats.tables import Field, Layout
from orders.payments.states import AmountWay, Encoding, FileFormat
from shop.core.labels import Labelled
from shop.web.forms import CountField, ShopForm, required

_COLUMN = "column_"

K = TypeVar("K", bound=Labelled)


def _chosen(kind: type[K], value: str) -> K:
    """The member a select field names; it offers no other values."""
    return next(one for one in kind if one.value == value)


def _choices(kind: type[Labelled]) -> list[tuple[str, str]]:
    return [(one.value, gettext(one.label)) for one in kind]


class LayoutForm(ShopForm):
    """A layout: how the file is written, and which column is what for us."""

    name = StringField(lazy_gettext("版式名称"), [required(), Length(max=64)])
    bank = StringField(lazy_gettext("银行"), [required(), Length(max=64)])
    format = SelectField(lazy_gettext("文件格式"))
    encoding = SelectField(lazy_gettext("文字编码"))
    delimiter = SelectField(lazy_gettext("分隔符"))
    skip = CountField(lazy_gettext("表头上面有几行"), default=0)
    skip_after = CountField(lazy_gettext("末尾有几行合计"), default=0)
    way = SelectField(lazy_gettext("金额的写法"))
    words_in = StringField(lazy_gettext("表示收入的用词"), [Length(max=64)])
    words_out = StringField(lazy_gettext("表示支出的用词"), [Length(max=64)])
    newest_first = BooleanField(lazy_gettext("最新的一笔在最上面"))
    others = BooleanField(lazy_gettext("别的列一律略过"), default=True)
    column_time = StringField()
    column_date = StringField()
    column_clock = StringField()
    column_amount = StringField()
    column_direction = StringField()
    column_credit = StringField()
    column_debit = StringField()
    column_balance = StringField()
    column_name = StringField()
    column_account = StringField()
    column_memo = StringField()
    column_serial = StringField()
    sample = FileField(lazy_gettext("样张"))

    def offer(self) -> None:
        """Fill the choices, and name each column's field by what it is for us."""
        formats = (FileFormat.CSV, FileFormat.XLSX)
        either = [("", gettext("CSV 或 xlsx"))]
        self.format.choices = either + [(one.value, gettext(one.label)) for one in formats]
        self.encoding.choices = _choices(Encoding)
        self.delimiter.choices = [
            (",", gettext("逗号")),
            ("\t", gettext("制表符")),
            (";", gettext("分号")),
            ("|", gettext("竖线")),
        ]
        self.way.choices = _choices(AmountWay)
        for field in Field:
            self[_COLUMN + field.value].label.text = gettext(field.label)

    @property
    def column_fields(self) -> list[StringField]:
        """The fields of the columns, in the order of our own."""
        return [self[_COLUMN + field.value] for field in Field]

    def show(self, layout: Layout) -> None:
        """Fill the form with a layout that is to be changed."""
        for name in ("name", "bank", "delimiter", "skip", "skip_after", "newest_first", "others"):
            self[name].data = getattr(layout, name)
        self.format.data = layout.format.value if layout.format else ""
        self.encoding.data = layout.encoding.value
        self.way.data = layout.way.value
        self.words_in.data, self.words_out.data = (
            " ".join(words) for words in (layout.words_in, layout.words_out)
        )
        for field, column in layout.columns.items():
            self[_COLUMN + field.value].data = column

    @property
    def layout(self) -> Layout:
        """The layout as it was typed."""
        typed = {field: (self[_COLUMN + field.value].data or "").strip() for field in Field}
        return Layout(
            name=(self.name.data or "").strip(),
            bank=(self.bank.data or "").strip(),
            way=_chosen(AmountWay, self.way.data),
            columns={field: column for field, column in typed.items() if column},
            format=_chosen(FileFormat, self.format.data) if self.format.data else None,
            encoding=_chosen(Encoding, self.encoding.data),
            delimiter=self.delimiter.data,
            skip=self.skip.data or 0,
            skip_after=self.skip_after.data or 0,
            words_in=tuple((self.words_in.data or "").replace("、", " ").split()),
            words_out=tuple((self.words_out.data or "").replace("、", " ").split()),
            newest_first=bool(self.newest_first.data),
            others=bool(self.others.data),
        )


class SampleForm(ShopForm):
    """A sample to try a layout on; nothing is kept of it."""

    sample = FileField(lazy_gettext("样张"))


class RetireForm(ShopForm):
    """Why a layout is taken out of use."""

    reason = TextAreaField(
        lazy_gettext("停用原因"), validators=[required(lazy_gettext("请写明停用原因。"))]
    )
