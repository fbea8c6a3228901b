"""What is wrong with a page: broken HTML, missing names, double ids, anything inline.

`faults` returns sentences; none is good. It reads what the server sent and needs no browser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from justhtml import JustHTML
from justhtml.dom import Element
from sqlalchemy import Engine, event

#: Fields nobody sees or whose own text names them.
UNNAMED = {"hidden", "submit", "button", "reset", "image"}
#: Attributes whose value names ids of the same page.
REFERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")


def faults(html: str, *, keys: bool = True) -> list[str]:
    """Everything that is wrong with a page.

    Args:
        keys: whether forms that write must carry their key (they do when CSRF is on).
    """
    page = JustHTML(html, collect_errors=True, sanitize=False)
    broken = [f"line {error.line}: {error.code}" for error in page.errors]
    everything = list(page.query("*"))
    return [
        *broken,
        *_head(page),
        *_ids(everything),
        *_inline(everything),
        *_names(page),
        *_forms(page, keys),
    ]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements that run meanwhile."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _head(page: JustHTML) -> Iterator[str]:
    title, html = page.query_one("title"), page.query_one("html")
    if title is None or not _text(title):
        yield "no title"
    if html is None or not html.attrs.get("lang"):
        yield "no lang"
    headings = len(page.query("h1"))
    if headings != 1:
        yield f"{headings} h1"
    if len(page.query("main")) != 1:
        yield "not one main"


def _ids(everything: list[Element]) -> Iterator[str]:
    ids = Counter(e.attrs["id"] for e in everything if e.attrs.get("id"))
    yield from (f"id {name} {times} times" for name, times in ids.items() if times > 1)
    for element in everything:
        for attribute in REFERS:
            for name in (element.attrs.get(attribute) or "").split():
                if name not in ids:
                    yield f"{element.name} {attribute} names {name}, which is not there"
        href = element.attrs.get("href") or ""
        if len(href) > 1 and href.startswith("#") and href[1:] not in ids:
            yield f"{element.name} leads to {href}, which is not there"


def _inline(everything: list[Element]) -> Iterator[str]:
    for element in everything:
        for attribute, value in element.attrs.items():
            if attribute == "style" or attribute.startswith("on"):
                yield f"{element.name} has {attribute}"
            if (value or "").strip().lower().startswith("javascript:"):
                yield f"{element.name} {attribute} is a script"
        if element.name == "style" or (element.name == "script" and "src" not in element.attrs):
            yield f"{element.name} in the page"


def _names(page: JustHTML) -> Iterator[str]:
    labels = {label.attrs.get("for") for label in page.query("label") if _text(label)}
    for field in page.query("input, select, textarea"):
        attrs = field.attrs
        if field.name == "input" and attrs.get("type") in UNNAMED:
            continue
        named = attrs.get("aria-label") or attrs.get("aria-labelledby")
        if not (named or attrs.get("id") in labels or _inside(field, "label")):
            yield f"{field.name} {attrs.get('name')} has no label"
    for thing in page.query("button, a"):
        drawn = any(image.attrs.get("alt") for image in thing.query("img"))
        if not (_text(thing) or thing.attrs.get("aria-label") or drawn):
            yield f"{thing.name} {thing.attrs.get('href', '')} has no name"
    for image in page.query("img"):
        if "alt" not in image.attrs:
            yield f"img {image.attrs.get('src')} has no alt"
    for table in page.query("table"):
        if not table.query("th"):
            yield "table without headings"


def _forms(page: JustHTML, keys: bool) -> Iterator[str]:
    for form in page.query("form"):
        method = (form.attrs.get("method") or "get").lower()
        held = [field.attrs.get("name") for field in form.query("input")]
        if method == "post" and keys and held.count("csrf_token") != 1:
            yield f"form {form.attrs.get('action')} has {held.count('csrf_token')} keys"
        if method == "get" and "csrf_token" in held:
            yield f"form {form.attrs.get('action')} shows its key in the address"
        if _inside(form, "form"):
            yield f"form {form.attrs.get('action')} inside a form"


def _inside(element: Element, name: str) -> bool:
    parent = element.parent
    while parent is not None:
        if parent.name == name:
            return True
        parent = parent.parent
    return False


def _text(element: Element) -> str:
    return str(element.to_text()).strip()
