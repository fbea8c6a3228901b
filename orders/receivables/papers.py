"""The ageing as a file, and a reminder as a letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from orders.receivables.rows import Ageing, AgeingRow, ReceivableRow, ReminderRow
from orders.receivables.states import Bucket
from shop.config import Config
from shop.core.capitals import in_capitals
from shop.core.clock import day_of
from shop.core.money import Money
from shop.printing import pdf
from shop.printing.rows import Cell, Sheet
from shop.web.filters import label, yuan_text


def sheets(page: Ageing) -> list[Sheet]:
    """By buyer, by cooperative, and every acceptance, as three sheets."""
    return [
        _ageing_sheet(page, _("账龄，按采购单位"), _("采购单位"), page.by_buyer),
        _ageing_sheet(page, _("账龄，按合作社"), _("合作社"), page.by_cooperative),
        details(page),
    ]


def details(page: Ageing) -> Sheet:
    """Every acceptance with something open."""
    return Sheet(
        title=_("应收明细"),
        notes=_notes(page),
        columns=[
            _("验收单"),
            _("订单"),
            _("采购单"),
            _("采购单位"),
            _("合作社"),
            _("验收日"),
            _("账期（天）"),
            _("到期日"),
            _("逾期天数"),
            _("账龄"),
            _("未付货款（元）"),
            _("逾期利息（元）"),
        ],
        rows=[_detail(row) for row in page.rows],
    )


def _detail(row: ReceivableRow) -> list[Cell]:
    return [
        row.number,
        row.order_number,
        row.purchase_number,
        row.buyer,
        row.cooperative,
        row.accepted_on.isoformat(),
        row.days,
        row.due_on.isoformat(),
        row.overdue_days,
        label(row.bucket),
        row.open,
        row.interest,
    ]


def _ageing_sheet(page: Ageing, title: str, who: str, rows: Sequence[AgeingRow]) -> Sheet:
    return Sheet(
        title=title,
        notes=_notes(page),
        columns=[who, *[label(bucket) for bucket in Bucket], _("合计"), _("逾期利息（元）")],
        rows=[
            [row.name, *[amount for _bucket, amount in row.amounts], row.total, row.interest]
            for row in rows
        ],
    )


def _notes(page: Ageing) -> list[tuple[str, str]]:
    return [
        (_("截至（含当天）"), page.day.isoformat()),
        (_("行数"), str(len(page.rows))),
        (_("合计（元）"), str(page.sums.total)),
        (_("账本应收货款（元）"), str(page.ledger)),
    ]


def letter(row: ReminderRow, shop: Config) -> bytes:
    """A reminder as a letter (催款函), as it was worded on its day."""
    return pdf.render(
        "payment_reminder",
        {
            "title": "催款函" if row.interest else "付款提醒",
            "number": row.number,
            "issuer": "山货",
            "lang": "zh",
            "head": [["编号", row.number], ["日期", _day(row.at)]],
            "link": f"{shop.public_url}/receivables/{row.acceptance_id}",
            "qr_note": "扫码查看、答复",
            "page_word": "第",
            "page_end": "页",
            "greeting": f"{row.union}：",
            "words": row.words,
            "amounts": [
                _amount("未付货款", row.open),
                *([_amount("逾期利息", row.interest)] if row.interest else []),
            ],
            "clauses": [
                "货款请汇入监管账户，账号以付款通知单为准；附言里写识别码，到账后自动对上。",
                *(
                    ["逾期利息按日单利计算，每天的数目随货款付清而停止；请另作一笔汇款。"]
                    if row.interest
                    else []
                ),
                f"如对金额有疑问，请扫右上角的码答复，或打电话 {shop.support_phone}。",
            ],
            "closing": "山货平台",
            "day": _day(row.at),
        },
    )


def _amount(name: str, amount: Money) -> dict[str, Any]:
    return {
        "name": name,
        "figures": yuan_text(amount),
        "capitals_name": "大写",
        "capitals": in_capitals(amount),
    }


def _day(at: date | datetime) -> str:
    day = day_of(at) if isinstance(at, datetime) else at
    return f"{day.year}年{day.month}月{day.day}日"
