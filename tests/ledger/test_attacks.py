"""Attacks on the ledger and the other append-only tables: the database itself refuses them all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine
from orders.receivables.models import DuePayment, InterestPayment
from orders.shipments.models import Acceptance
from products.lots.models import Lot
from products.proofs.models import CheckpointRecord, Cosignature, Cosigner, LogTile
from shop.core import db
from shop.core.money import Money
from shop.tables import APPEND_ONLY, metadata
from tests.databases import KIND
from tests.ledger.journals import SUSPENSE, posted
from tests.world import NOW

postgres = pytest.mark.skipif(KIND != "postgres", reason="SQLite has one writer and no TRUNCATE")
sqlite = pytest.mark.skipif(KIND != "sqlite", reason="only SQLite has INSERT OR REPLACE")


@pytest.fixture
def tx(books) -> Iterator[Session]:
    """A session on the told story; whatever it does is taken back."""
    with Session(books.engine) as session:
        yield session
        session.rollback()


@pytest.fixture
def told_rows(tx) -> dict[str, int]:
    """How many rows each append-only table has; none is empty, or an attack would prove nothing."""
    tx.execute(insert(LogTile).values(level=7, number=0, hashes=b"\0" * 8192, top=b"\0" * 32))
    tx.execute(
        insert(Cosignature).values(
            checkpoint_id=tx.execute(select(CheckpointRecord.id).limit(1)).scalar_one(),
            cosigner_id=tx.execute(select(Cosigner.id).limit(1)).scalar_one(),
            line="— nobody\n",
            at=NOW,
        )
    )
    _paid_by(tx, posted_journal=tx.execute(select(Journal.id).limit(1)).scalar_one())
    rows = {
        table: tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in APPEND_ONLY
    }
    assert all(rows.values()), rows
    return rows


def _paid_by(tx: Session, posted_journal: int) -> None:
    """Money of a bank line that paid interest, and what a cooperative owed."""
    line = tx.execute(select(BankLine.id).limit(1)).scalar_one()
    acceptance = tx.execute(select(Acceptance.id).limit(1)).scalar_one()
    cooperative = tx.execute(select(Lot.cooperative_id).limit(1)).scalar_one()
    paid = {"bank_line_id": line, "journal_id": posted_journal, "amount": Money(1), "at": NOW}
    tx.execute(
        insert(InterestPayment).values(
            **paid,
            acceptance_id=acceptance,
            accrued=Money(1),
            paid_before=Money(0),
            upto=NOW.date(),
        )
    )
    tx.execute(insert(DuePayment).values(**paid, cooperative_id=cooperative))


def accounts(tx: Session) -> tuple[int, int]:
    """Two accounts to move money between."""
    first, second = tx.execute(select(Account.id).order_by(Account.id).limit(2)).scalars()
    return first, second


def header(tx: Session, journal_id: int, *, count: int, fen: int) -> None:
    """Seal a journal with a header that says so many transfers and fen."""
    tx.execute(
        insert(Journal).values(
            id=journal_id,
            kind=JournalKind.BANK_CREDIT,
            event_key=f"attack:{journal_id}",
            content_hash="0" * 64,
            about="attack",
            effective_at=NOW,
            posted_at=NOW,
            transfer_count=count,
            total=Money(fen),
        )
    )


def headers(tx: Session, fen: dict[int, int], **columns: int) -> None:
    """Seal several journals by one statement; `fen`: of each, by its key."""
    tx.execute(
        insert(Journal).values(
            [
                {
                    "id": journal_id,
                    "public_id": f"journal_attack{journal_id}",
                    "kind": JournalKind.BANK_CREDIT,
                    "event_key": f"attack:{journal_id}",
                    "content_hash": "0" * 64,
                    "about": "attack",
                    "effective_at": NOW,
                    "posted_at": NOW,
                    "transfer_count": 1,
                    "total": Money(amount),
                }
                | columns
                for journal_id, amount in fen.items()
            ]
        )
    )


def transfer(tx: Session, journal_id: int, fen: int, position: int = 1) -> None:
    """Write one transfer."""
    debit, credit = accounts(tx)
    tx.execute(
        insert(Transfer).values(
            journal_id=journal_id,
            position=position,
            debit_id=debit,
            credit_id=credit,
            amount=Money(fen),
        )
    )


# --- many headers by one statement ------------------------------------------------------------


def test_one_broken_seal_among_many_is_found(tx):
    transfer(tx, 900_001, 5)
    transfer(tx, 900_002, 6)

    with pytest.raises(DBAPIError, match="does not seal"):
        headers(tx, {900_001: 5, 900_002: 7})


@postgres
def test_a_header_does_not_bear_the_mark_of_another_transaction(tx):
    transfer(tx, 900_001, 5)

    with pytest.raises(DBAPIError, match="mark of another transaction"):
        headers(tx, {900_001: 5}, transaction_mark=1)


# --- rows that are never changed --------------------------------------------------------------


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_written_row_is_not_updated(tx, told_rows, table):
    column = metadata.tables[table].primary_key.columns.keys()[0]

    with pytest.raises(DBAPIError, match="append-only"):
        tx.execute(text(f"UPDATE {table} SET {column} = {column}"))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_written_row_is_not_deleted(tx, told_rows, table):
    with pytest.raises(DBAPIError, match="append-only"):
        tx.execute(text(f"DELETE FROM {table}"))


@postgres
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_table_is_not_emptied_at_a_stroke(tx, told_rows, table):
    with pytest.raises(DBAPIError, match="append-only"):
        tx.execute(text(f"TRUNCATE {table} CASCADE"))


@sqlite
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_written_row_is_not_replaced(tx, told_rows, table):
    with pytest.raises(DBAPIError, match=r"append-only|sealed"):
        tx.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"))


@sqlite
def test_without_recursive_triggers_replacing_would_rewrite_a_row(books):
    """The control: the setting of each of our connections is what stops it."""
    with closing(sqlite3.connect(books.url.removeprefix("sqlite:///"))) as careless:
        replaced = careless.execute(
            "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry LIMIT 1"
        ).rowcount
        careless.rollback()

    assert replaced == 1


# --- journals are sealed once and exactly -----------------------------------------------------


def test_a_transfer_does_not_slip_into_a_sealed_journal(tx):
    sealed = tx.execute(select(Journal.id).order_by(Journal.id).limit(1)).scalar_one()

    with pytest.raises(DBAPIError, match="sealed"):
        transfer(tx, sealed, 1, position=99)


@pytest.mark.parametrize(("count", "fen"), [(2, 500), (1, 499), (1, 501), (0, 500)])
def test_a_header_that_does_not_say_what_it_seals_is_refused(tx, count, fen):
    journal = db.next_id(tx, Journal)
    transfer(tx, journal, 500)

    with pytest.raises(DBAPIError):
        header(tx, journal, count=count, fen=fen)


def test_a_header_that_says_what_it_seals_is_taken(tx):
    journal = db.next_id(tx, Journal)
    transfer(tx, journal, 500)
    transfer(tx, journal, 1, position=2)

    header(tx, journal, count=2, fen=501)

    assert tx.get_one(Journal, journal).total == Money(501)


@pytest.mark.parametrize(("count", "fen"), [(0, 0), (1, 100)])
def test_a_header_without_transfers_is_refused(tx, count, fen):
    with pytest.raises(DBAPIError):
        header(tx, db.next_id(tx, Journal), count=count, fen=fen)


@pytest.mark.parametrize("fen", [0, -1])
def test_a_transfer_of_nothing_or_less_is_refused(tx, fen):
    with pytest.raises(DBAPIError, match="amount_is_positive"):
        transfer(tx, db.next_id(tx, Journal), fen)


def test_a_transfer_from_an_account_to_itself_is_refused(tx):
    account, _other = accounts(tx)

    with pytest.raises(DBAPIError, match="accounts_differ"):
        tx.execute(
            insert(Transfer).values(
                journal_id=db.next_id(tx, Journal),
                position=1,
                debit_id=account,
                credit_id=account,
                amount=Money(1),
            )
        )


def test_an_account_is_there_once_per_kind_and_owner(tx):
    with pytest.raises(DBAPIError):
        tx.execute(
            text(
                "INSERT INTO ledger_account (id, kind, owner_id)"
                " SELECT 999999, kind, owner_id FROM ledger_account LIMIT 1"
            )
        )


def test_transfers_without_a_header_are_refused_at_the_commit(database):
    posted(1)

    with pytest.raises(DBAPIError), database.writing() as tx:
        transfer(tx, db.next_id(tx, Journal), 500)

    with database.reading() as tx:
        assert len(tx.execute(select(Transfer.id)).all()) == 1


def test_after_a_refused_commit_the_next_command_starts_clean(database):
    posted(1)
    with pytest.raises(DBAPIError), database.writing() as tx:
        transfer(tx, db.next_id(tx, Journal), 500)

    posted(2)

    with database.reading() as tx:
        assert posting.balance(tx, *SUSPENSE) == Money(1000)


@postgres
def test_a_transfer_of_another_transaction_is_not_sealed_in(database):
    """Rows a rival writes under our journal's key, before or after our seal, are not ours."""
    posted(1)
    with Session(database.engine) as ours, Session(database.engine) as rival:
        journal = db.next_id(ours, Journal)
        transfer(ours, journal, 500)
        transfer(rival, journal, 300, position=2)
        header(ours, journal, count=1, fen=500)
        ours.commit()

        with pytest.raises(DBAPIError):
            rival.commit()

    with database.reading() as tx:
        assert len(tx.execute(select(Transfer.id)).all()) == 2
