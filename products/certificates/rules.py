"""What is true of certificates without looking anything up."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

#: How long a certificate is kept at the least, in months.
KEPT_MONTHS = 6

#: What numbers of our own are made of: issued by a cooperative, written for a household.
ISSUED_SERIES, WRITTEN_SERIES = "HGZ", "HGZD"


def keep_until(day: date) -> date:
    """The last day on which a certificate of that day has to be kept.

    Rule: 农产品质量安全承诺达标合格证管理办法, kept for six months at the least.
    """
    months = day.year * 12 + day.month - 1 + KEPT_MONTHS
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
