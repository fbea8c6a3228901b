"""Numbers the law wants in sequence (单号): per series and year, without gaps or repeats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core import db
from shop.core.clock import day_of
from shop.core.db import insert_if_new


class NumberSeries(db.Model):
    """The last number given out in one series and year."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("series", "year"),)

    id: Mapped[db.Id]
    series: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


def next_number(tx: Session, series: str, now: datetime) -> str:
    """The next number of a series, such as ``CG-ZSGH-2026-00012`` for series ``CG-ZSGH``.

    Rolls back with its transaction, so numbers have no gaps; the series row is locked until then.
    """
    year = day_of(now).year
    return f"{series}-{year}-{_next(tx, series, year):05d}"


def next_in_row(tx: Session, series: str) -> int:
    """The next number of a series that does not begin anew each year: 1, 2, 3…"""
    return _next(tx, series, 0)


def _next(tx: Session, series: str, year: int) -> int:
    insert_if_new(tx, NumberSeries, {"series": series, "year": year, "last": 0})
    row = tx.execute(
        select(NumberSeries)
        .where(NumberSeries.series == series, NumberSeries.year == year)
        .with_for_update()
    ).scalar_one()
    row.last += 1
    tx.flush()
    return row.last
