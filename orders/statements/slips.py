"""What stands on a printed slip of one household (对账条); Chinese, as all papers.

A slip is half an A4 page, so rows beyond those that fit are told as one line with their sums:
the three figures and what is owed are always those of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from orders.statements import sms
from orders.statements.households import HouseholdPeriod
from orders.statements.reasons import reasons
from shop.core.money import Money, total
from shop.core.weight import kg_text

#: Rows of a kind that a slip has room for.
BROUGHT, MADE, PAID = 5, 3, 2


def slip(statement: HouseholdPeriod) -> dict[str, Any]:
    """One household's slip as plain values, with its text message."""
    return {
        "name": statement.name,
        "code": statement.code,
        "village": statement.village,
        "cooperative": statement.cooperative,
        "phone": statement.cooperative_phone,
        "period": statement.period.words,
        "figures": [
            ["已付鲜叶款", _yuan(statement.leaf_paid)],
            ["二次返利", _yuan(statement.second_payment)],
            ["对应销售额", _yuan(statement.attributed)],
        ],
        "owed": [
            ["期初待打款", _yuan(statement.opening)],
            ["本期结算", _yuan(statement.settled)],
            ["本期打款", _yuan(statement.paid)],
            ["还没到卡上", _yuan(statement.closing)],
        ],
        "brought": _brought(statement),
        "brought_sum": f"{kg_text(statement.grams)} 公斤",
        "made": _made(statement),
        "paid": _paid(statement),
        "reasons": [reason.label % facts for reason, facts in reasons(statement)],
        "sms": sms.text(statement),
    }


def pages(slips: Sequence[dict[str, Any]], *, title: str, door: str, on: date) -> dict[str, Any]:
    """What `templates/papers/slips.typ` prints: two slips on a page, each with the way in."""
    return {
        "title": title,
        "link": door,
        "on": _day(on),
        "slips": [{key: value for key, value in one.items() if key != "sms"} for one in slips],
    }


def _brought(statement: HouseholdPeriod) -> list[list[str]]:
    rows = [
        [
            f"{one.on}",
            f"{one.name} {one.grade}".strip(),
            kg_text(one.grams),
            _yuan(Money(one.fen_per_kg)),
            _yuan(one.value),
            one.payment.label,
        ]
        for one in statement.brought
    ]
    if len(rows) <= BROUGHT:
        return rows
    rest = statement.brought[BROUGHT - 1 :]
    return [
        *rows[: BROUGHT - 1],
        [
            "其余",
            f"{len(rest)} 笔",
            kg_text(sum(one.grams for one in rest)),
            "",
            _yuan(total([one.value for one in rest])),
            "",
        ],
    ]


def _made(statement: HouseholdPeriod) -> list[list[str]]:
    # What brought the household most stands first; a slip cannot name a hundred lots.
    ordered = sorted(statement.made, key=lambda one: -one.attributed.fen)
    rows = [
        [
            one.number,
            one.name,
            f"{one.sold}/{one.units}{one.unit}" + (f"，退 {one.returned}" if one.returned else ""),
            _yuan(one.second_payment),
            _yuan(one.attributed),
        ]
        for one in ordered
    ]
    if len(rows) <= MADE:
        return rows
    rest = ordered[MADE - 1 :]
    return [
        *rows[: MADE - 1],
        [
            "其余",
            f"{len(rest)} 批",
            "",
            _yuan(total([one.second_payment for one in rest])),
            _yuan(total([one.attributed for one in rest])),
        ],
    ]


def _paid(statement: HouseholdPeriod) -> list[str]:
    items = [
        f"{_day(one.on)} 打到尾号 {one.last4} 的卡 {_yuan(one.amount)}"
        for one in statement.paid_out
    ]
    if len(items) <= PAID:
        return items
    rest = statement.paid_out[: len(items) - PAID + 1]
    older = f"更早 {len(rest)} 笔共 {_yuan(total([one.amount for one in rest]))}"
    return [*items[len(items) - PAID + 1 :], older]


def _day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _yuan(amount: Money) -> str:
    sign = "−" if amount.fen < 0 else ""
    whole, fen = divmod(abs(amount.fen), 100)
    return f"{sign}¥{whole:,}.{fen:02d}"
