"""A household's statement as one text message: at most 70 UCS-2 units, else it is sent as two.

Names nobody but the surname, since a message is read by whoever holds the telephone.
"""

from __future__ import annotations

from orders.statements.households import HouseholdPeriod
from shop.core.money import ZERO, Money
from shop.core.weight import kg_text

LIMIT = 70

_COMPOUND = frozenset(
    {
        *("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙"),
        *("令狐", "宇文", "长孙", "慕容", "司徒", "端木", "夏侯"),
    }
)


def units(text: str) -> int:
    """How many UCS-2 units a text takes: rare characters outside the first plane count two."""
    return len(text.encode("utf-16-be")) // 2


def surname(name: str) -> str:
    """The surname of a Chinese name; of any other, its first character."""
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


def text(statement: HouseholdPeriod) -> str:
    """The message: what was brought, and the figures apart from each other.

    What is owed and what was paid always stand; weight, then leaf money, then the second payment
    give way where sums are too long.
    """
    period = statement.period.words.removeprefix("20")
    head = f"{surname(statement.name)}家{period}："
    owed, paid = f"待打款{_yuan(statement.closing)}", f"已打款{_yuan(statement.paid)}"
    second = f"二次返利{_yuan(statement.second_payment)}"
    leaf = f"现付{_yuan(statement.leaf_paid)}"
    brought = f"送{kg_text(statement.grams)}公斤"
    for parts in (
        [brought, leaf, second, paid, owed],
        [leaf, second, paid, owed],
        [second, paid, owed],
        [paid, owed],
    ):
        message = f"{head}{'，'.join(parts)}元"
        if units(message) <= LIMIT:
            return message
    return f"对账：{owed}元"


def _yuan(amount: Money) -> str:
    """Without needless zeros: 120, 120.5, −3.07."""
    whole, fen = divmod(abs(amount.fen), 100)
    sign = "-" if amount < ZERO else ""
    return f"{sign}{whole}" + (f".{fen:02d}".rstrip("0") if fen else "")
