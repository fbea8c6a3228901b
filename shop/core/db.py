"""The database: column types, sessions, and what makes SQLite and PostgreSQL equals.

SQL that only one of the two speaks lives here (and in `triggers`) or not at all.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Select,
    String,
    TypeDecorator,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement

from shop.core.ids import new_id
from shop.core.labels import Labelled
from shop.core.money import Money

ROOT = Path(__file__).resolve().parents[2]


class MoneyColumn(TypeDecorator[Money]):
    """Whole fen in the database, `Money` in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.fen

    def process_result_value(self, value: Any, dialect: Dialect) -> Money | None:
        return None if value is None else Money(int(value))


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Refuses a time without a zone; SQLite stores it without one, as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def labelled(kind: type[Labelled], name: str) -> SqlEnum:
    """A column for a `Labelled` enumeration: text with a CHECK called `name`."""
    return SqlEnum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Model(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy as a class attribute)
        Money: MoneyColumn,
        datetime: Moment,
        int: BigInteger,
        str: String,
    }


BIG = BigInteger().with_variant(Integer, "sqlite")

#: The internal key; never leaves the server.
Id = Annotated[int, mapped_column(BIG, primary_key=True)]


def public_id(prefix: str) -> Any:
    """The column by which a thing is named outside, filled with a fresh id."""
    return mapped_column(
        String(32).with_variant(String(32, collation="C"), "postgresql"),
        unique=True,
        default=lambda: new_id(prefix),
    )


class whole_sum(FunctionElement[int]):
    """The sum of whole numbers, itself whole and at most a bigint; NULL for no rows.

    PostgreSQL's own sum of bigint is a numeric: slow to add up, and no whole number to divide by.
    Its place takes an aggregate of ours (`shop.core.triggers.whole_sums`), which refuses what
    does not fit.
    """

    name = "whole_sum"
    type = BigInteger()
    inherit_cache = True


@compiles(whole_sum)
def _sum_in_sqlite(element: whole_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(whole_sum, "postgresql")
def _sum_in_postgresql(element: whole_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"whole_sum({compiler.process(element.clauses, **options)})"


def total(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The sum of a whole-number column, 0 for no rows, as bigint on both databases."""
    return func.coalesce(whole_sum(column), 0)


def shanghai_day_sql(tx: Session, column: str) -> str:
    """Plain SQL for the Shanghai day a moment's column falls on, as text such as 2026-04-20."""
    if tx.get_bind().dialect.name == "sqlite":
        return f"date({column}, '+8 hours')"
    return f"to_char({column} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"


class Database:
    """One database and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = with_driver(url)
        self.is_sqlite = self.url.startswith("sqlite")

    @functools.cached_property
    def engine(self) -> Engine:
        """Made when it is first asked for: what needs no database does not touch one."""
        return _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)

    @functools.cached_property
    def _readers(self) -> Engine:
        return self.engine.execution_options(sqlite_begin="DEFERRED")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def reader(self) -> Session:
        """A session for reading; takes no write lock. The caller closes it."""
        return Session(self._readers, autoflush=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading, closed at the end; whatever was written in it is lost."""
        session = self.reader()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def reading_alike(self, count: int) -> Iterator[list[Session]]:
        """Sessions for reading, `count` of them, to all of which the database looks the same.

        Each may be used in a thread of its own. SQLite in memory gives one only.
        """
        with ExitStack() as stack:
            if not self.is_sqlite:
                sessions = [stack.enter_context(self.reading()) for _ in range(count)]
                _share_a_snapshot(sessions)
            elif _is_in_memory(self.engine):
                sessions = [stack.enter_context(self.reading())]
            else:
                # While we hold the right to write nothing changes, so all begin with the same.
                with self.engine.begin():
                    sessions = [stack.enter_context(self.reading()) for _ in range(count)]
                    for session in sessions:
                        session.execute(text("SELECT count(*) FROM sqlite_schema"))
            yield sessions

    def close(self) -> None:
        """Let go of every connection."""
        if "engine" in self.__dict__:
            self.engine.dispose()


def _share_a_snapshot(sessions: Sequence[Session]) -> None:
    """Let all see what the first sees; on PostgreSQL, before anything is read."""
    first, *others = sessions
    for session in sessions:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    snapshot = first.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    for session in others:
        # It takes no parameter; the server made the name itself.
        session.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))


def _is_in_memory(engine: Engine) -> bool:
    return engine.url.database in (None, "", ":memory:") or "mode=memory" in str(engine.url)


def with_driver(url: str) -> str:
    """The URL with the driver we use named in it; postgres:// and postgresql:// are one."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _sqlite_engine(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and not path.startswith("file:"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are ours, not the driver's
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else REPLACE would slip past the append-only triggers
            "synchronous=FULL",  # money survives a power cut
            "busy_timeout=15000",
            "cache_size=-32768",  # 32 MiB: long runs of writes stay in memory until the commit
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "checkin")
    def _leave_clean(connection: Any, _record: Any) -> None:
        # A COMMIT refused by a deferred key leaves SQLite's transaction open.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    return engine


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        connect_args={
            "options": "-c jit=off -c lock_timeout=10s -c statement_timeout=60s"
            " -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
        },
    )


_database: Database | None = None


def connect(url: str) -> Database:
    """Make this the database of the process; what was connected before is let go of."""
    return use(Database(url))


def use(opened: Database) -> Database:
    """Make an opened database that of the process; what was connected before is let go of."""
    global _database
    if _database is not None:
        _database.close()
    _database = opened
    return opened


def database() -> Database:
    """The database of this process."""
    assert _database is not None, "connect() comes first"
    return _database


def next_id(tx: Session, model: type[Model]) -> int:
    """Reserve an internal key before its row is written (a journal's transfers come first)."""
    if tx.get_bind().dialect.name == "sqlite":
        # BEGIN IMMEDIATE makes us the only writer.
        highest = func.coalesce(func.max(model.__table__.c.id), 0)
        return int(tx.execute(select(highest + 1)).scalar_one())
    sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
    return int(tx.execute(text(f"SELECT nextval({sequence})")).scalar_one())


def rows_changed(tx: Session, statement: UpdateBase) -> int:
    """How many rows a guarded UPDATE or DELETE touched; loaded objects are not told."""
    result = tx.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def insert_if_new(tx: Session, model: type[Model], row: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint already holds its like; whether it was inserted.

    On PostgreSQL this waits for a rival transaction in flight and then sees its row.
    """
    dialect = sqlite if tx.get_bind().dialect.name == "sqlite" else postgresql
    table = model.__table__
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing()
    return bool(tx.execute(statement.returning(table.c.id)).first())


def insert_new(tx: Session, model: type[Model], columns: Sequence[str], rows: Select[Any]) -> None:
    """Insert the rows of a query, passing over those a unique constraint holds already.

    Args:
        rows: with a WHERE, which SQLite needs to tell its parts apart.
    """
    dialect = sqlite if tx.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model.__table__).from_select(list(columns), rows)
    tx.execute(statement.on_conflict_do_nothing())


def lock_table(tx: Session, model: type[Model], mode: str, *, wait_ms: int) -> None:
    """Take a table lock on PostgreSQL, until the transaction ends; SQLite has one writer anyway.

    Raises:
        DBAPIError: it was not to be had within the time (`is_locked` tells).
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL lock_timeout = {wait_ms:d}"))
        tx.execute(text(f"LOCK TABLE {model.__tablename__} IN {mode} MODE"))


def join_whole_tables(tx: Session) -> None:
    """Let PostgreSQL join whole tables as such, and take its time, until this transaction ends.

    For statements that read all there is. Just after much was written the server's statistics are
    older than the rows; believing a table empty, it would loop over it for each row of another.
    """
    if tx.get_bind().dialect.name == "postgresql":
        for setting, value in (
            ("enable_nestloop", "off"),
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ):
            tx.execute(text(f"SET LOCAL {setting} = {value}"))


def is_locked(error: DBAPIError) -> bool:
    """Whether a statement failed only because a lock was not to be had in time."""
    return getattr(error.orig, "sqlstate", None) == "55P03"


def migrate(url: str) -> None:
    """Bring a database to the newest shape; harmless when it already is."""
    from alembic import command as alembic
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    settings.attributes["url"] = with_driver(url)
    alembic.upgrade(settings, "head")
