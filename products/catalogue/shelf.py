"""What the catalogue may know of lots: the columns by which it sees what is on the shelf.

Lots are made of the catalogue's specifications, so `products.lots` rests on this part and is not
imported here. The columns read are named instead; a test holds them to the real tables.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Date, String, column, func, select, table
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import Subquery

lot = table(
    "lot",
    column("id", BigInteger),
    column("number", String),
    column("kind", String),
    column("state", String),
    column("specification_id", BigInteger),
    column("units", BigInteger),
    column("reserved_units", BigInteger),
    column("shipped_units", BigInteger),
    column("written_off_units", BigInteger),
    column("freezes", BigInteger),
    column("share_version", BigInteger),
    column("harvest_from", Date),
    column("harvest_to", Date),
    column("best_before", Date),
    column("certificate", String),
    column("trace_code", String),
)

lot_share = table(
    "lot_share",
    column("lot_id", BigInteger),
    column("version", BigInteger),
    column("household_id", BigInteger),
    column("value_fen", BigInteger),
)

#: Units of a lot that nobody has reserved and that are still there.
UNITS_LEFT: ColumnElement[int] = (
    lot.c.units - lot.c.reserved_units - lot.c.shipped_units - lot.c.written_off_units
)


def on_sale(day: date) -> ColumnElement[bool]:
    """Whether a lot can be sold on a day: packed, neither voided, frozen, sold out nor past."""
    return (
        (lot.c.kind == "packed")
        & (lot.c.state == "recorded")
        & (lot.c.freezes == 0)
        & (UNITS_LEFT > 0)
        & (lot.c.best_before >= day)
    )


def stock(day: date) -> Subquery:
    """Per specification: units left in all lots on sale, and the span of their harvest."""
    return (
        select(
            lot.c.specification_id,
            func.sum(UNITS_LEFT).cast(BigInteger).label("available"),
            func.min(lot.c.harvest_from).label("harvest_from"),
            func.max(lot.c.harvest_to).label("harvest_to"),
        )
        .where(on_sale(day))
        .group_by(lot.c.specification_id)
        .subquery("stock")
    )
