"""Words made findable: Chinese by its characters, by its pinyin and by its initials."""

from __future__ import annotations

import unicodedata

from pypinyin import Style, lazy_pinyin


def normalised(text: str) -> str:
    """Text as it is compared: full-width to half-width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def findable(*words: str) -> str:
    """What search looks through: each word itself, its pinyin run together, and its initials.

    ``findable("狗牯脑")`` is ``"狗牯脑 gougunao ggn"``. Empty words are left out.
    """
    found: list[str] = []
    for word in filter(None, map(normalised, words)):
        for form in (word, pinyin(word), _initials(word)):
            if form and form not in found:
                found.append(form)
    return " ".join(found)


def pinyin(text: str) -> str:
    """The syllables of a text run together, without tones (绿 is ``lv``); Latin stays as it is."""
    return "".join(lazy_pinyin(text, style=Style.NORMAL)).replace(" ", "")


def _initials(text: str) -> str:
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).replace(" ", "")
