"""The layouts as they lie in the table, turned into what the readers take."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.formats.tables import Field, Layout
from orders.payments.models import BankLayout
from orders.payments.states import LayoutState
from shop.core.errors import NotFound


def active(tx: Session) -> list[Layout]:
    """The layouts in use, oldest first."""
    rows = tx.execute(
        select(BankLayout).where(BankLayout.state == LayoutState.ACTIVE).order_by(BankLayout.id)
    ).scalars()
    return [as_layout(row) for row in rows]


def chosen(tx: Session, layout_id: str | None) -> Layout | None:
    """The layout in use of this public id; None where none was named.

    Raises:
        NotFound: there is none, or it was retired.
    """
    if not layout_id:
        return None
    found = next((layout for layout in active(tx) if layout.public_id == layout_id), None)
    if found is None:
        raise NotFound(field="layout")
    return found


def key_of(tx: Session, layout_id: str) -> int | None:
    """The internal key of a layout; None for the empty id of a format without layouts."""
    return tx.execute(
        select(BankLayout.id).where(BankLayout.public_id == layout_id)
    ).scalar_one_or_none()


def as_layout(row: BankLayout) -> Layout:
    """A row of the table as the readers take it."""
    named = json.loads(row.columns)
    return Layout(
        name=row.name,
        bank=row.bank,
        way=row.way,
        columns={field: named[field.value] for field in Field if named.get(field.value)},
        format=row.format,
        encoding=row.encoding,
        delimiter=row.delimiter,
        skip=row.skip,
        skip_after=row.skip_after,
        words_in=tuple(row.words_in.split()),
        words_out=tuple(row.words_out.split()),
        newest_first=row.newest_first,
        others=row.others,
        public_id=row.public_id,
    )


def as_values(layout: Layout) -> dict[str, object]:
    """A layout as values of the table's columns; the other way of `as_layout`."""
    return {
        "name": layout.name,
        "bank": layout.bank,
        "way": layout.way,
        "columns": json.dumps(
            {field.value: name for field, name in layout.columns.items()}, ensure_ascii=False
        ),
        "format": layout.format,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "skip": layout.skip,
        "skip_after": layout.skip_after,
        "words_in": " ".join(layout.words_in),
        "words_out": " ".join(layout.words_out),
        "newest_first": layout.newest_first,
        "others": layout.others,
    }
