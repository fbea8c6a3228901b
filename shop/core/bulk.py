"""Rows by the hundred thousand: keys, parameters and inserts that take one statement each.

What only one of the two databases speaks lives here and in `db`.
"""

from __future__ import annotations

import gc
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Integer, String, any_, cast, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from shop.core import db

V = TypeVar("V")


def next_ids(tx: Session, model: type[db.Model], count: int) -> list[int]:
    """Reserve as many internal keys at once, ascending; see `next_id`."""
    if tx.get_bind().dialect.name == "sqlite":
        first = db.next_id(tx, model)
        return list(range(first, first + count))
    sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
    drawn = tx.execute(
        text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)"),  # noqa: S608 (our own name)
        {"count": count},
    )
    return sorted(int(key) for key in drawn.scalars())


def among(
    tx: Session, column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Whether a column holds one of many numbers or texts, which travel as one parameter."""
    wanted = list(values)
    if tx.get_bind().dialect.name == "sqlite":
        rows = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(rows.c.value))
    kind = BigInteger() if isinstance(column.type, Integer) else String()
    return column == any_(cast(wanted, postgresql.ARRAY(kind)))


def pairs(tx: Session, old: Sequence[int], new: Sequence[int]) -> Any:
    """Pairs of whole numbers as a table with the columns `old` and `new`, to join with."""
    if tx.get_bind().dialect.name == "sqlite":
        rows = func.json_each(json.dumps(list(zip(old, new, strict=True)))).table_valued("value")
        halves = [func.json_extract(rows.c.value, f"$[{place}]") for place in (0, 1)]
        return select(halves[0].label("old"), halves[1].label("new")).subquery("pairs")
    arrays = [cast(list(keys), postgresql.ARRAY(BigInteger())) for keys in (old, new)]
    return func.unnest(*arrays).table_valued("old", "new", name="pairs").render_derived()


def in_parts(values: Iterable[V], size: int = 10_000) -> Iterator[list[V]]:
    """Take values as they come, so many at a time; the last part may be smaller.

    No database takes any number of parameters, and no memory any number of rows.
    """
    rest = iter(values)
    while part := list(itertools.islice(rest, size)):
        yield part


def insert_all_new(
    tx: Session, model: type[db.Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Insert those of many rows whose like no unique constraint holds yet; see `insert_if_new`.

    Numbers and text only.
    """
    connection = tx.connection()
    if connection.dialect.name == "sqlite":
        insert_in_groups(connection, model, columns, rows, "ON CONFLICT DO NOTHING")
        return
    # One statement: the rows travel as one array for each column.
    arrays = [list(values) for values in zip(*rows, strict=True)]
    casts = ["bigint[]" if isinstance(values[0], int) else "text[]" for values in arrays]
    source = ", ".join(f"%s::{cast}" for cast in casts)
    connection.exec_driver_sql(
        f"INSERT INTO {model.__tablename__} ({', '.join(columns)})"  # noqa: S608 (our own names)
        f" SELECT * FROM unnest({source}) ON CONFLICT DO NOTHING",
        tuple(arrays),
    )


def insert_typed(
    tx: Session, model: type[db.Model], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert many rows at once, like `insert_many`; values as the model's columns take them."""
    for part in in_parts(rows):
        insert_many(tx, model, columns, _plain(tx, model, columns, part))


def _plain(
    tx: Session, model: type[db.Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Rows of values as the model's columns take them, turned into what the driver writes."""
    dialect = tx.get_bind().dialect
    plain: list[Sequence[Any]] = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        kind = model.__table__.c[name].type.dialect_impl(dialect)
        write = kind.bind_processor(dialect)
        if write is None:
            plain.append(values)
        elif isinstance(kind, db.MoneyColumn):
            plain.append([None if value is None else value.fen for value in values])
        elif isinstance(kind, db.Moment):
            plain.append(plain_moments(tx, values))
        else:
            # States come again and again; each is written once.
            known = {value: write(value) for value in set(values)}
            plain.append([known[value] for value in values])
    return list(zip(*plain, strict=True))


def insert_many(
    tx: Session, model: type[db.Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Insert many rows of plain values at once: COPY on PostgreSQL, one statement on SQLite.

    Column types of ours do not apply: numbers, text and bytes only.
    """
    connection = tx.connection()
    if connection.dialect.name == "sqlite":
        insert_in_groups(connection, model, columns, rows)
        return
    names = ", ".join(columns)
    copying = f"COPY {model.__tablename__} ({names}) FROM STDIN"
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)


#: So many rows go into one statement of SQLite's.
_GROUP = 50


def insert_in_groups(
    connection: Connection,
    model: type[db.Model],
    columns: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    ending: str = "",
) -> None:
    """Insert rows into SQLite, fifty by one statement.

    A statement on a table with triggers begins by saving what it may have to put back; row by row,
    that takes longer than the rows themselves.

    Args:
        ending: what follows the values, such as ``ON CONFLICT DO NOTHING``.
    """
    full = len(rows) - len(rows) % _GROUP
    one = f"({', '.join('?' * len(columns))})"
    begin = f"INSERT INTO {model.__tablename__} ({', '.join(columns)}) VALUES "  # noqa: S608 (our own names)
    groups = [
        tuple(itertools.chain.from_iterable(rows[start : start + _GROUP]))
        for start in range(0, full, _GROUP)
    ]
    if groups:
        connection.exec_driver_sql(f"{begin}{', '.join([one] * _GROUP)} {ending}", groups)
    if rows[full:]:
        connection.exec_driver_sql(f"{begin}{one} {ending}", rows[full:])


def plain_moment(tx: Session, moment: datetime | None) -> Any:
    """A moment as `insert_many` writes it."""
    return plain_moments(tx, [moment])[0]


def plain_moments(tx: Session, moments: Sequence[datetime | None]) -> Sequence[Any]:
    """Moments as `insert_many` writes them."""
    if tx.get_bind().dialect.name != "sqlite":
        return moments
    return [
        moment and moment.astimezone(UTC).isoformat(" ", "microseconds")[:26] for moment in moments
    ]


@contextmanager
def many_rows() -> Iterator[None]:
    """Keep the garbage collector from walking through rows by the hundred thousand.

    They hold no cycles, and whatever other threads leave meanwhile waits a few seconds.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
