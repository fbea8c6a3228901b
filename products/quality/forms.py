"""Forms of certificates and tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileRequired
from wtforms import BooleanField, RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import Length, Optional

from products.certificates.states import PromiseBasis
from products.quality.commands import Scan
from products.quality.rules import PAPERS
from shop.web.forms import CountField, DayField, ShopForm, above_zero, required
from shop.web.uploads import PaperField

_BASES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in PromiseBasis]


def _basis() -> RadioField:
    return RadioField(
        lazy_gettext("承诺依据"), choices=_BASES, coerce=PromiseBasis, default=PromiseBasis.CONTROL
    )


def _reason(label: Any) -> StringField:
    return StringField(
        label,
        [required(lazy_gettext("请写原因，和证一起保存。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class IssueForm(ShopForm):
    """A certificate for a lot that goes by none."""

    basis = _basis()


class ReissueForm(ShopForm):
    """A new certificate in the place of one."""

    basis = _basis()
    reason = _reason(lazy_gettext("为什么换证"))


class VoidCertificateForm(ShopForm):
    """Why a certificate is voided."""

    reason = _reason(lazy_gettext("为什么作废"))


class FileForm(ShopForm):
    """The scan of a certificate."""

    file = PaperField(lazy_gettext("扫描件或照片"), [FileRequired(lazy_gettext("请选择文件。"))])

    def scan(self) -> Scan:
        """What was sent; only after the form was found good."""
        return Scan(self.file.data.filename or "", self.file.media_type, self.file.content)


class LotTestForm(ShopForm):
    """What a test found. Names are those of `record_test`."""

    subject = StringField(
        lazy_gettext("检验什么"),
        [required(lazy_gettext("请写检验了什么。")), Length(max=64)],
        description=lazy_gettext("例如：农药残留、重金属。"),
    )
    agency = StringField(
        lazy_gettext("检验机构"), [required(lazy_gettext("请填检验机构。")), Length(max=64)]
    )
    report = StringField(
        lazy_gettext("报告编号"),
        [required(lazy_gettext("请填报告编号。")), Length(max=48)],
        render_kw={"autocomplete": "off"},
    )
    passed = RadioField(
        lazy_gettext("结论"),
        [required(lazy_gettext("请选结论。"))],
        choices=[
            SelectChoice("yes", lazy_gettext("合格")),
            SelectChoice("no", lazy_gettext("不合格：这一批立即冻结")),
        ],
    )
    tested_on = DayField(lazy_gettext("检验日期"), [required(lazy_gettext("请填检验日期。"))])
    valid_until = DayField(
        lazy_gettext("报告有效期至"),
        [Optional()],
        description=lazy_gettext("报告上没有写，可以空着。"),
    )
    file = PaperField(lazy_gettext("检验报告"), [Optional()])
    public = BooleanField(
        lazy_gettext("公开检验报告"),
        description=lazy_gettext("谁都可以在商品页下载。报告上有个人信息的，不要公开。"),
    )

    def validate_public(self, field: BooleanField) -> None:
        """Only a report that is there can be public."""
        if field.data and not self.file.content:
            raise ValidationError(gettext("没有上传报告，公开不了。"))

    def scan(self) -> Scan | None:
        """The report, where it was sent; only after the form was found good."""
        if not self.file.content:
            return None
        return Scan(self.file.data.filename or "", self.file.media_type, self.file.content)

    def day(self) -> date:
        """The day of the test; only after the form was found good."""
        assert self.tested_on.data is not None
        return self.tested_on.data


class ClearForm(ShopForm):
    """Why a lot that failed may move again."""

    reason = StringField(
        lazy_gettext("查明了什么"),
        [required(lazy_gettext("请写查明了什么。")), Length(max=200)],
        description=lazy_gettext("例如：复检合格，报告编号；或者取样取错了批次。"),
        render_kw={"autocomplete": "off"},
    )


class PrintForm(ShopForm):
    """How many certificates, on which paper."""

    class Meta:
        csrf = False  # only reads

    paper = RadioField(
        lazy_gettext("纸张"),
        choices=[SelectChoice(paper.key, lazy_gettext(paper.label)) for paper in PAPERS],
        default=PAPERS[0].key,
    )
    count = CountField(lazy_gettext("张数"), [required(), above_zero()])

    def validate_count(self, field: CountField) -> None:
        """Printers and people have an end."""
        if field.data is not None and field.data > 600:
            raise ValidationError(gettext("一次最多 600 张，请分几次打印。"))
