"""The official notices the shop brings along, one reviewed file a year in `notices/`."""

from __future__ import annotations

import functools
import json
from datetime import date
from pathlib import Path

from orders.calendar.rules import Notice
from shop.core.labels import N_

#: What a notice may call a holiday; the two long ones may fall together.
NAMES = (
    N_("元旦"),
    N_("春节"),
    N_("清明节"),
    N_("劳动节"),
    N_("端午节"),
    N_("中秋节"),
    N_("国庆节"),
    N_("国庆节、中秋节"),
)

FOLDER = Path(__file__).with_name("notices")


@functools.cache
def notices() -> tuple[Notice, ...]:
    """Every notice, in order of its year."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.json")))


def _read(path: Path) -> Notice:
    facts = json.loads(path.read_text("utf-8"))
    day = date.fromisoformat
    return Notice(
        int(path.stem),
        facts["notice"],
        day(facts["published"]),
        tuple((name, day(first), day(last)) for name, first, last in facts["holidays"]),
        tuple(day(one) for one in facts["working"]),
    )
