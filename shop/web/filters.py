"""How values are printed; templates use these and never compute."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import gettext

from shop.core import clock
from shop.core.capitals import in_capitals
from shop.core.labels import Labelled
from shop.core.money import Money
from shop.core.weight import kg_text
from shop.web.views import language


def yuan_text(amount: Money | int) -> str:
    """¥1,409.50 with tabular digits; fen as a bare number are taken too."""
    fen = amount.fen if isinstance(amount, Money) else amount
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


def kg(grams: int) -> str:
    """Grams as kilograms with the unit."""
    return f"{kg_text(grams)} kg" if language() == "en" else f"{kg_text(grams)} 公斤"


def grams_text(grams: int) -> str:
    """Grams up to a kilogram as grams, above as kilograms."""
    if grams >= 1000 and grams % 100 == 0:
        return kg(grams)
    return f"{grams:,} g" if language() == "en" else f"{grams:,} 克"


def day(value: date | datetime | None) -> str:
    """A Shanghai calendar day: 2026年4月5日, or 5 Apr 2026."""
    if value is None:
        return "–"
    shown = clock.day_of(value) if isinstance(value, datetime) else value
    if language() == "en":
        return f"{shown.day} {shown:%b %Y}"
    return f"{shown.year}年{shown.month}月{shown.day}日"


def month(value: date | None) -> str:
    """A calendar month: 2026年4月, or Apr 2026."""
    if value is None:
        return "–"
    return f"{value:%b %Y}" if language() == "en" else f"{value.year}年{value.month}月"


def moment(value: datetime | None) -> str:
    """A day and the time in Shanghai, to the minute."""
    if value is None:
        return "–"
    return f"{day(value)} {value.astimezone(clock.SHANGHAI):%H:%M}"


def label(value: Labelled) -> str:
    """The word for an enumerated value in the reader's language."""
    return str(gettext(value.label))


def either(chinese: str, english: str) -> str:
    """A name kept in both languages, in the reader's; the Chinese one where there is no other."""
    return english if english and language() == "en" else chinese


def mask(name: str) -> str:
    """A person's name as shown in public: the surname and asterisks."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def capitals(amount: Money) -> str:
    """人民币大写."""
    return in_capitals(amount)


def percent(part: Any, whole: Any) -> str:
    """A share of a whole as a percentage with one decimal, from whole numbers."""
    a = part.fen if isinstance(part, Money) else int(part)
    b = whole.fen if isinstance(whole, Money) else int(whole)
    return f"{a * 1000 // b / 10:.1f}%" if b else "–"


def hundredths(value: int) -> str:
    """Hundredths as a number without needless zeros: 380 is 3.8."""
    whole, rest = divmod(value, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def seconds(milliseconds: int) -> str:
    """Milliseconds as seconds with one decimal, rounded up: 1240 is 1.3."""
    tenths = -(-milliseconds // 100)
    return f"{tenths // 10}.{tenths % 10}"


def mu(area_m2: int) -> str:
    """Square metres as mu with one decimal, rounded down (1 mu = 667 m²)."""
    tenths = area_m2 * 10 // 667
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")


def register(app: Flask) -> None:
    """Make the filters known to templates."""
    app.jinja_env.filters.update(
        yuan=yuan_text,
        kg=kg,
        grams=grams_text,
        day=day,
        moment=moment,
        month=month,
        label=label,
        mask=mask,
        either=either,
        capitals=capitals,
        percent=percent,
        hundredths=hundredths,
        mu=mu,
        seconds=seconds,
    )
