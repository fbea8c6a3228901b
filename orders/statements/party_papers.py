"""Statements of organisations as papers to be confirmed and sealed (对账函); Chinese."""

from __future__ import annotations

from datetime import date
from typing import Any

from orders.statements.party_queries import PartyStatement, UnionStatement
from shop.core.clock import day_of
from shop.core.money import Money
from shop.web.filters import yuan_text

_CLAUSES = (
    "以上是本平台账簿记录。请核对，相符请在“相符”处盖章，不符请写明不符的金额和原因。",
    "本函只用于核对账目，不是催款结算。",
)


def of_cooperative(statement: PartyStatement, on: date) -> dict[str, Any]:
    """A cooperative's statement."""
    return _of_party(statement, "合作社对账单", on)


def of_carrier(statement: PartyStatement, on: date) -> dict[str, Any]:
    """A carrier's statement."""
    return _of_party(statement, "承运商对账单", on)


def _of_party(statement: PartyStatement, title: str, on: date) -> dict[str, Any]:
    """Opening, every movement, closing."""
    rows = [["", "期初余额", "", yuan_text(statement.opening)]]
    rows += [
        [
            f"{day_of(one.at)}",
            f"{one.event}（冲正）" if one.reverses else one.event,
            f"{one.number} {one.waybill or one.order_number}".strip(),
            yuan_text(one.amount),
        ]
        for one in statement.rows
    ]
    figures = [("期末应付余额", statement.closing)]
    if statement.due_opening or statement.due_closing:
        figures.append(("期末应收合作社", statement.due_closing))
    return _letter(
        title,
        statement.name,
        statement.code,
        statement.period.key,
        statement.period.words,
        on,
        columns=[("日期", 2, False), ("事项", 2, False), ("单号", 5, False), ("金额", 2, True)],
        rows=rows,
        sums=["", "期末余额", "", yuan_text(statement.closing)],
        figures=figures,
    )


def of_union(statement: UnionStatement, on: date) -> dict[str, Any]:
    """A union's statement: per order what was paid, accepted, returned, refunded, and is open."""
    sums = statement.sums

    def amounts(one: Any) -> list[str]:
        return [
            yuan_text(amount)
            for amount in (
                one.opening,
                one.paid,
                one.accepted,
                one.returned,
                one.refunded,
                one.escrow,
                one.receivable,
            )
        ]

    names = ("期初", "已付", "验收", "退货", "退款", "待结算款", "应付货款")
    return _letter(
        "对账函",
        statement.name,
        statement.code,
        statement.period.key,
        statement.period.words,
        on,
        columns=[("订单", 3, False), *((name, 2, True) for name in names)],
        rows=[[one.number, *amounts(one)] for one in statement.orders],
        sums=["合计", *amounts(sums)],
        figures=[
            ("待结算款（您方的钱，还没有验收）", sums.escrow),
            ("退款在途", sums.refund_on_its_way),
            ("贵方应付货款", sums.receivable),
        ],
    )


def _letter(
    title: str,
    name: str,
    code: str,
    key: str,
    period: str,
    on: date,
    *,
    columns: list[tuple[str, int, bool]],
    rows: list[list[str]],
    sums: list[str],
    figures: list[tuple[str, Money]],
) -> dict[str, Any]:
    return {
        "title": title,
        "number": f"DZ-{code}-{key}",
        "issuer": "山货平台",
        "lang": "zh",
        "head": [
            ["致", name],
            ["期间", period],
            ["出具", f"{on.year}年{on.month}月{on.day}日"],
        ],
        "link": "",
        "qr_note": "",
        "page_word": "第",
        "page_end": "页",
        "columns": [
            {"name": word, "width": width, "right": right} for word, width, right in columns
        ],
        "rows": rows,
        "sums": sums,
        "figures": [[word, yuan_text(amount)] for word, amount in figures],
        "clauses": list(_CLAUSES),
        "seals": ["平台（盖章）", "相符（盖章）", "不符及原因（盖章）"],
    }
