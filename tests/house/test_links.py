"""No page offers a link that will not open: every role follows every link it is shown."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from tests.house.doors import ALL

pytestmark = pytest.mark.once

LINK = re.compile(r'<a\s[^>]*?href="([^"#]+)')
STARTS = ("/", "/start", "/shop/")

#: How many pages of one endpoint are looked at; lists hold many that are alike.
OF_A_KIND = 4


@pytest.mark.parametrize("actor", sorted(ALL))
def test_every_link_that_is_shown_opens(actor, shared_app, told_app):
    shut: list[tuple[str, str, int]] = []
    ways, followed = shared_app.url_map.bind("localhost"), Counter()
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
                    path = urlsplit(link).path
                    if not _to_follow(link) or path in seen:
                        continue
                    seen.add(path)
                    endpoint = ways.match(path)[0]
                    followed[endpoint] += 1
                    if followed[endpoint] <= OF_A_KIND:
                        waiting.append((place, link))
            answer.close()

    assert shut == []


def _to_follow(link: str) -> bool:
    parts = urlsplit(link)
    return not parts.scheme and not parts.path.startswith(("/static/", "/language/"))
