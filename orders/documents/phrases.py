"""Turns of phrase that papers share: head, parties, columns, amounts, days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from orders.documents.queries import PaperRow, Party
from products.proofs.queries import CheckpointRow
from shop.core import clock
from shop.core.capitals import in_capitals
from shop.core.money import Money

Data = dict[str, Any]


def head(paper: PaperRow, title: str, more: Sequence[tuple[str, str]]) -> Data:
    """The head every paper has: title, number, day, and further lines."""
    return {
        "title": title,
        "number": paper.number,
        "issuer": "山货",
        "lang": "zh",
        "head": [["编号", paper.number], ["日期", day(paper.at)], *map(list, more)],
        "qr_note": "扫码核对本单",
        "page_word": "第",
        "page_end": "页",
    }


def party(title: str, who: Party) -> Data:
    """One side of a paper with what is known of it."""
    rows = (
        ("名称", who.name),
        ("统一代码", who.credit_code),
        ("地址", who.address),
        ("联系人", who.contact),
        ("电话", who.phone),
    )
    return {"title": title, "facts": [[name, value] for name, value in rows if value]}


def kept_outside(row: CheckpointRow | None) -> list[str]:
    """The checkpoint that a paper keeps in its reader's drawer; nothing before the first."""
    if row is None:
        return []
    return [
        f"溯源存证：{day(row.at)}的检查点盖住 {row.size} 条记录，根 {row.root.hex()[:16]}。"
        "留存本单，即可查出此前的记录有无改动。"
    ]


def column(name: str, width: int = 0, *, right: bool = False) -> Data:
    """A column of a table; `width` counts parts, 0 is as wide as its words."""
    return {"name": name, "width": width, "right": right}


def sign(title: str) -> Data:
    """A place to sign by hand."""
    return {"title": title, "name": "", "day": "　　　　年　　月　　日"}


def amount(name: str, value: Money) -> Data:
    """An amount in figures and in capitals, as papers demand it."""
    return {
        "name": name,
        "figures": figures(value),
        "capitals_name": "人民币大写",
        "capitals": f"人民币{in_capitals(value)}",
    }


def plain(amount: Money) -> str:
    """Yuan with two decimals and no sign of the currency, for columns named 元."""
    yuan, fen = divmod(abs(amount.fen), 100)
    return f"{'−' if amount.fen < 0 else ''}{yuan:,}.{fen:02d}"


def figures(amount: Money) -> str:
    """Yuan with the sign of the currency."""
    return f"¥{plain(amount)}"


def day(at: datetime | None) -> str:
    """The Shanghai day of a moment, or a dash."""
    return day_of(clock.day_of(at)) if at else "—"


def day_of(value: date | None) -> str:
    """A calendar day, or a dash."""
    return f"{value.year}年{value.month}月{value.day}日" if value else "—"
