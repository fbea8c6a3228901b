"""No page offers a link that will not open: every role follows every link it is shown."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from tests.house.doors import ALL

LINK = re.compile(r'<a\s[^>]*?href="([^"#]+)')
STARTS = ("/", "/start", "/shop/")


@pytest.mark.parametrize("actor", sorted(ALL))
def test_every_link_that_is_shown_opens(actor, told_app):
    shut: list[tuple[str, str, int]] = []
    with told_app() as visit:
        browser = visit(actor)
        waiting, seen = [("", start) for start in STARTS], set(STARTS)
        while waiting:
            page, place = waiting.pop()
            answer = browser.get(place)
            if answer.status_code >= 400:
                shut.append((page, place, answer.status_code))
            elif answer.mimetype == "text/html":
                found = [*LINK.findall(answer.get_data(as_text=True)), answer.location or ""]
                for href in found:
                    link = urljoin(place, unescape(href))
                    if not _to_follow(link) or _kind(link) in seen:
                        continue
                    seen.add(_kind(link))
                    waiting.append((place, link))
            answer.close()

    assert shut == []


def _to_follow(link: str) -> bool:
    parts = urlsplit(link)
    return not parts.scheme and not parts.path.startswith(("/static/", "/language/"))


def _kind(link: str) -> str:
    """The link without its query: filters and pages of one list are one place."""
    return urlsplit(link).path
