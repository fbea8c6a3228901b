"""Triggers by which the database itself refuses what must never be; used by migrations.

Both databases get the same refusals, each in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_REFUSE_PG = """
CREATE OR REPLACE FUNCTION shop_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

_SEAL_PG = """
CREATE OR REPLACE FUNCTION shop_seal_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint; s bigint;
BEGIN
  NEW.transaction_mark := txid_current();
  SELECT count(*), coalesce(sum(amount_fen), 0) INTO n, s FROM ledger_transfer
   WHERE journal_id = NEW.id AND transaction_mark = NEW.transaction_mark;
  IF n <> NEW.transfer_count OR s <> NEW.total_fen THEN
    RAISE EXCEPTION 'journal % does not seal its transfers', NEW.id;
  END IF;
  RETURN NEW;
END $$
"""

_OPEN_PG = """
CREATE OR REPLACE FUNCTION shop_open_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.transaction_mark := txid_current();
  IF EXISTS (SELECT 1 FROM ledger_journal WHERE id = NEW.journal_id) THEN
    RAISE EXCEPTION 'journal % is sealed', NEW.journal_id;
  END IF;
  RETURN NEW;
END $$
"""

_OWNERS_PG = """
CREATE OR REPLACE FUNCTION shop_share_owners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Each owner once: few are asked for by key, however many lots there are.
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT lot_id AS id FROM written) w
             WHERE NOT EXISTS (SELECT 1 FROM lot l WHERE l.id = w.id))
     OR EXISTS (SELECT 1 FROM (SELECT DISTINCT household_id AS id FROM written) w
                WHERE NOT EXISTS (SELECT 1 FROM household h WHERE h.id = w.id)) THEN
    RAISE EXCEPTION 'a share of no lot or no household';
  END IF;
  RETURN NULL;
END $$
"""


def of_all(tables: Iterable[str], dialect: str) -> Iterator[str]:
    """Every trigger of the shop: the append-only ones of these tables, and all others."""
    for table in tables:
        yield from append_only(table, dialect)
    yield from sealed_journals(dialect)
    yield from codes_stay(dialect)
    yield from shares_have_owners(dialect)


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
    yield (
        "CREATE TRIGGER ledger_journal_seals BEFORE INSERT ON ledger_journal"
        " FOR EACH ROW EXECUTE FUNCTION shop_seal_journal()"
    )
    yield (
        "CREATE TRIGGER ledger_transfer_opens BEFORE INSERT ON ledger_transfer"
        " FOR EACH ROW EXECUTE FUNCTION shop_open_journal()"
    )


def shares_have_owners(dialect: str) -> Iterator[str]:
    """Statements that let `lot_share` take only rows of lots and households that exist."""
    if dialect == "sqlite":
        yield """
            CREATE TRIGGER lot_share_owners BEFORE INSERT ON lot_share
            WHEN NOT EXISTS (SELECT 1 FROM lot WHERE id = NEW.lot_id)
              OR NOT EXISTS (SELECT 1 FROM household WHERE id = NEW.household_id)
            BEGIN SELECT RAISE(ABORT, 'a share of no lot or no household'); END
        """
        return
    yield _OWNERS_PG
    yield (
        "CREATE TRIGGER lot_share_owners AFTER INSERT ON lot_share"
        " REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_share_owners()"
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
