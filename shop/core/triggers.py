"""Triggers by which the database itself refuses what must never be; used by migrations.

Both databases get the same refusals, each in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_REFUSE_PG = """
CREATE OR REPLACE FUNCTION shop_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

# A statement's headers at a time, and planned anew each time: a plan made for one header while the
# ledger was small would read all of it for each of a hundred thousand.
_SEAL_PG = """
CREATE OR REPLACE FUNCTION shop_seal_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM written WHERE transaction_mark <> txid_current()) THEN
    RAISE EXCEPTION 'a journal bears the mark of another transaction';
  END IF;
  EXECUTE 'SELECT w.id FROM written w CROSS JOIN LATERAL
             (SELECT count(*) AS n, coalesce(sum(t.amount_fen), 0) AS s FROM ledger_transfer t
               WHERE t.journal_id = w.id AND t.transaction_mark = w.transaction_mark) sealed
            WHERE sealed.n <> w.transfer_count OR sealed.s <> w.total_fen LIMIT 1' INTO broken;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'journal % does not seal its transfers', broken;
  END IF;
  RETURN NULL;
END $$
"""

# A statement's rows at a time: asked row by row, a settlement takes three times as long.
_OPEN_PG = """
CREATE OR REPLACE FUNCTION shop_open_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM written WHERE transaction_mark <> txid_current()) THEN
    RAISE EXCEPTION 'a transfer bears the mark of another transaction';
  END IF;
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT journal_id FROM written) w
             JOIN ledger_journal j ON j.id = w.journal_id) THEN
    RAISE EXCEPTION 'the journal is sealed';
  END IF;
  RETURN NULL;
END $$
"""

_MONTHS_PG = """
CREATE OR REPLACE FUNCTION shop_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM written WHERE effective_at <
             (SELECT max(ends_at) FROM ledger_month WHERE state IN ('closed', 'reopening'))) THEN
    RAISE EXCEPTION 'a journal lies in a closed month';
  END IF;
  RETURN NULL;
END $$
"""


def of_all(tables: Iterable[str], dialect: str) -> Iterator[str]:
    """Every trigger of the shop: the append-only ones of these tables, and all others."""
    yield from whole_sums(dialect)
    for table in tables:
        yield from append_only(table, dialect)
    yield from sealed_journals(dialect)
    yield from codes_stay(dialect)
    yield from rows_have_owners(dialect)
    yield from months_stay_closed(dialect)


def whole_sums(dialect: str) -> Iterator[str]:
    """Statements that make the aggregate behind `db.whole_sum`; SQLite's sum is whole already."""
    if dialect == "postgresql":
        yield (
            "CREATE AGGREGATE whole_sum(bigint)"
            " (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE)"
        )


def append_only(table: str, dialect: str) -> Iterator[str]:
    """Statements that make a table refuse UPDATE and DELETE (and TRUNCATE)."""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    yield _REFUSE_PG
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION shop_refuse_change()"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_refuse_change()"
    )


def sealed_journals(dialect: str) -> Iterator[str]:
    """Statements that make a journal's header seal its transfers, once and exactly."""
    if dialect == "sqlite":
        yield """
            CREATE TRIGGER ledger_journal_seals BEFORE INSERT ON ledger_journal
            WHEN (SELECT count(*) FROM ledger_transfer WHERE journal_id = NEW.id)
                 <> NEW.transfer_count
              OR (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer
                  WHERE journal_id = NEW.id) <> NEW.total_fen
            BEGIN SELECT RAISE(ABORT, 'journal does not seal its transfers'); END
        """
        yield """
            CREATE TRIGGER ledger_transfer_opens BEFORE INSERT ON ledger_transfer
            WHEN EXISTS (SELECT 1 FROM ledger_journal WHERE id = NEW.journal_id)
            BEGIN SELECT RAISE(ABORT, 'journal is sealed'); END
        """
        return
    yield _SEAL_PG
    yield _OPEN_PG
    for table in ("ledger_journal", "ledger_transfer"):
        yield f"ALTER TABLE {table} ALTER COLUMN transaction_mark SET DEFAULT txid_current()"
    yield (
        "CREATE TRIGGER ledger_journal_seals AFTER INSERT ON ledger_journal"
        " REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_seal_journal()"
    )
    yield (
        "CREATE TRIGGER ledger_transfer_opens AFTER INSERT ON ledger_transfer"
        " REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_open_journal()"
    )


#: Tables that take many rows at once, and to what each of their columns points. Foreign keys,
#: checked row by row, would halve the rate at which PostgreSQL takes the rows.
OWNERS = {
    "lot_share": {"lot_id": "lot", "household_id": "household"},
    "ledger_transfer": {"debit_id": "ledger_account", "credit_id": "ledger_account"},
    "settlement_item": {"run_id": "settlement_run", "lot_id": "lot", "household_id": "household"},
}


def rows_have_owners(dialect: str) -> Iterator[str]:
    """Statements that let the tables of `OWNERS` take only rows whose owners exist."""
    for table, owners in OWNERS.items():
        if dialect == "sqlite":
            missing = " OR ".join(
                f"NOT EXISTS (SELECT 1 FROM {owner} WHERE id = NEW.{column})"  # noqa: S608
                for column, owner in owners.items()
            )
            yield (
                f"CREATE TRIGGER {table}_owners BEFORE INSERT ON {table} WHEN {missing}"
                f" BEGIN SELECT RAISE(ABORT, 'a row of {table} without its owner'); END"
            )
            continue
        # Each owner once: few are asked for by key, however many rows there are.
        missing = " OR ".join(
            f"EXISTS (SELECT 1 FROM (SELECT DISTINCT {column} AS id FROM written) w"  # noqa: S608
            f" WHERE NOT EXISTS (SELECT 1 FROM {owner} o WHERE o.id = w.id))"
            for column, owner in owners.items()
        )
        yield f"""
            CREATE OR REPLACE FUNCTION {table}_owners() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {missing} THEN
                RAISE EXCEPTION 'a row of {table} without its owner';
              END IF;
              RETURN NULL;
            END $$
        """
        yield (
            f"CREATE TRIGGER {table}_owners AFTER INSERT ON {table}"
            f" REFERENCING NEW TABLE AS written"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_owners()"
        )


def codes_stay(dialect: str) -> Iterator[str]:
    """Statements that keep a code in the lot it was given to."""
    if dialect == "sqlite":
        yield """
            CREATE TRIGGER code_stays BEFORE UPDATE OF allocation_id ON code
            WHEN OLD.allocation_id IS NOT NULL AND NEW.allocation_id IS NOT OLD.allocation_id
            BEGIN SELECT RAISE(ABORT, 'a code stays in its lot'); END
        """
        return
    yield """
        CREATE TRIGGER code_stays BEFORE UPDATE OF allocation_id ON code FOR EACH ROW
        WHEN (OLD.allocation_id IS NOT NULL
              AND NEW.allocation_id IS DISTINCT FROM OLD.allocation_id)
        EXECUTE FUNCTION shop_refuse_change()
    """


def months_stay_closed(dialect: str) -> Iterator[str]:
    """Statements that refuse journals in a closed month, and forgetting that one was closed."""
    if dialect == "sqlite":
        yield """
            CREATE TRIGGER ledger_journal_month BEFORE INSERT ON ledger_journal
            WHEN EXISTS (SELECT 1 FROM ledger_month
                         WHERE state IN ('closed', 'reopening') AND ends_at > NEW.effective_at)
            BEGIN SELECT RAISE(ABORT, 'journal lies in a closed month'); END
        """
        yield """
            CREATE TRIGGER ledger_month_no_delete BEFORE DELETE ON ledger_month
            BEGIN SELECT RAISE(ABORT, 'ledger_month is not forgotten'); END
        """
        yield """
            CREATE TRIGGER ledger_month_no_move
            BEFORE UPDATE OF month, starts_at, ends_at ON ledger_month
            BEGIN SELECT RAISE(ABORT, 'ledger_month does not move'); END
        """
        return
    yield _MONTHS_PG
    yield (
        "CREATE TRIGGER ledger_journal_month AFTER INSERT ON ledger_journal"
        " REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_closed_month()"
    )
    yield (
        "CREATE TRIGGER ledger_month_no_delete BEFORE DELETE ON ledger_month"
        " FOR EACH ROW EXECUTE FUNCTION shop_refuse_change()"
    )
    yield (
        "CREATE TRIGGER ledger_month_no_move"
        " BEFORE UPDATE OF month, starts_at, ends_at ON ledger_month"
        " FOR EACH ROW EXECUTE FUNCTION shop_refuse_change()"
    )
    yield (
        "CREATE TRIGGER ledger_month_no_truncate BEFORE TRUNCATE ON ledger_month"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_refuse_change()"
    )
