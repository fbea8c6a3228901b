"""What may not be said in a story, and when a village may be named for goods."""

from __future__ import annotations

import re

#: Nobody is sold by being pitied; how a household is registered is never public.
_UNFIT = (
    "贫困",
    "脱贫",
    "扶贫",
    "困难户",
    "特困",
    "低保",
    "五保",
    "贫穷",
    "穷苦",
    "穷人",
    "可怜",
    "救济",
    "施舍",
    "捐助",
)
_UNFIT_EN = re.compile(r"\b(poor|poverty|impoverished|needy|pitiful|destitute|charity)\b", re.I)

#: So many households, or one that consents: then a village is named for goods.
FEWEST_TO_NAME_A_VILLAGE = 3


def unfit_word(text: str) -> str | None:
    """The first word of a text that pities or tells how a household is registered, or None."""
    for word in _UNFIT:
        if word in text:
            return word
    found = _UNFIT_EN.search(text)
    return found.group() if found else None


def may_name_village(households: int, consenting: int) -> bool:
    """Whether a village may be named for goods behind which so many of its households stand."""
    return consenting > 0 or households >= FEWEST_TO_NAME_A_VILLAGE
