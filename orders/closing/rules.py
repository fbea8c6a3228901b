"""Pure rules of closing: months, hashes of what was seen, debit and credit columns."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, datetime

from shop.core import clock
from shop.core.money import Money

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    """Whether a text names a month such as ``2026-04``."""
    return _MONTH.fullmatch(text) is not None


def next_month(month: str) -> str:
    """The month after one."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def span(month: str) -> tuple[datetime, datetime]:
    """When a month of the books begins, and when the next one does."""
    return _begin(month), _begin(next_month(month))


def last_day(month: str) -> date:
    """The last Shanghai day of a month."""
    return date.fromordinal(date.fromisoformat(f"{next_month(month)}-01").toordinal() - 1)


def _begin(month: str) -> datetime:
    return clock.start_of(date.fromisoformat(f"{month}-01"))


def hash_of(ledger: Money, bank: Money, items: Iterable[tuple[str, str, int]]) -> str:
    """SHA-256 over both balances and every item (why, thing, fen), in whatever order found."""
    content = [ledger.fen, bank.fen, sorted(items)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
