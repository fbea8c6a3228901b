"""The ageing as a file, and a reminder as a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from orders.receivables.rows import (
    Ageing,
    AgeingRow,
    ReceivableRow,
    ReminderLineRow,
    ReminderRow,
)
from orders.receivables.states import Bucket
from shop.config import Config
from shop.core.capitals import in_capitals
from shop.core.money import Money
from shop.printing import pdf
from shop.printing.rows import Cell, Sheet
from shop.web.filters import label, yuan_text


def sheets(page: Ageing) -> list[Sheet]:
    """By buyer, by cooperative, and every acceptance, as three sheets."""
    return [sheet(page, by) for by in ("buyer", "cooperative", "")]


def sheet(page: Ageing, by: str) -> Sheet:
    """One of them: `by` buyer or cooperative, else every acceptance."""
    if by == "buyer":
        return _ageing_sheet(page, _("账龄，按采购单位"), _("采购单位"), page.by_buyer)
    if by == "cooperative":
        return _ageing_sheet(page, _("账龄，按合作社"), _("合作社"), page.by_cooperative)
    return _details(page)


def _details(page: Ageing) -> Sheet:
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
            for row in (*rows, replace(page.sums, name=_("合计")))
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
    """A reminder as a letter (付款提醒, 催款函), as it was worded on its day."""
    return pdf.render(
        "payment_reminder",
        {
            "title": "催款函" if row.kind.of_overdue else "付款提醒",
            "number": row.number,
            "issuer": "山货",
            "lang": "zh",
            "head": [["编号", row.number], ["日期", _day(row.on_day)]],
            "link": f"{shop.public_url}/reminders/{row.public_id}",
            "qr_note": "扫码查看、答复",
            "page_word": "第",
            "page_end": "页",
            "greeting": f"{row.union}：",
            "words": row.words,
            "columns": [
                {"name": name, "width": width, "right": right}
                for name, width, right in (
                    ("采购单、识别码", 9, False),
                    ("验收单、供货方", 9, False),
                    ("到期日", 5, False),
                    ("逾期", 3, True),
                    ("未付货款", 5, True),
                    ("逾期利息", 4, True),
                )
            ],
            "rows": [_letter_row(line) for line in row.lines],
            "total_row": [
                "合计",
                f"{len(row.lines)} 笔",
                "",
                "",
                yuan_text(row.open),
                yuan_text(row.interest),
            ],
            "amounts": [
                _amount("未付货款", row.open),
                *([_amount("逾期利息", row.interest)] if row.interest else []),
            ],
            "account_title": "请汇入监管账户",
            "account": [
                ["收款户名", shop.custody_name],
                ["收款账号", shop.custody_account],
                ["开户行", shop.custody_bank],
                ["附言", "写上表里那张采购单的识别码"],
            ],
            "clauses": [
                "一张采购单一笔汇款，附言只写它的识别码，到账后会自动对上。",
                *(
                    ["逾期利息按日单利计算，货款付清那天停止；请另作一笔汇款，附言写“利息”。"]
                    if row.interest
                    else []
                ),
                f"如对金额有疑问，请扫右上角的码答复，或打电话 {shop.support_phone}。",
                "如果这封信到的时候已经付清，请不必理会，并请原谅打扰。",
            ],
            "closing": "山货平台",
            "day": _day(row.on_day),
        },
    )


def _letter_row(line: ReminderLineRow) -> list[str]:
    promised = f"（答应{_day(line.promised_on)}付）" if line.promised_on else ""
    return [
        f"{line.purchase_number}\n{line.reference}",
        f"{line.acceptance_number}\n{line.cooperative}",
        f"{line.due_on}{promised}",
        f"{line.overdue_days} 天" if line.overdue_days else "未逾期",
        yuan_text(line.open),
        yuan_text(line.interest) if line.interest else "–",
    ]


def _amount(name: str, amount: Money) -> dict[str, Any]:
    return {
        "name": name,
        "figures": yuan_text(amount),
        "capitals_name": "大写",
        "capitals": in_capitals(amount),
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
