"""The migrated database is what the models say, and its append-only tables are guarded."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint, inspect, text

from shop.tables import APPEND_ONLY, metadata
from tests.databases import KIND

PARTIAL = ("sqlite", "postgresql")


def test_migrating_from_empty_gives_the_tables_of_the_models(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_every_check_of_the_models_is_in_the_database(database):
    inspector = inspect(database.engine)
    missing = [
        constraint.name
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint.name
        not in {found["name"] for found in inspector.get_check_constraints(table.name)}
    ]

    assert missing == []


def test_every_unique_key_of_the_models_is_in_the_database(database):
    inspector = inspect(database.engine)
    missing = [
        (table.name, columns)
        for table in metadata.sorted_tables
        for columns in (
            tuple(column.name for column in constraint.columns)
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        )
        if columns
        not in {
            tuple(found["column_names"]) for found in inspector.get_unique_constraints(table.name)
        }
    ]

    assert missing == []


def test_no_index_repeats_how_a_unique_key_begins():
    """Such an index is written with every row and never read."""
    repeated = [
        (index.name, key.name)
        for table in metadata.sorted_tables
        for key in table.constraints
        if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)
        for index in table.indexes
        if not any(index.dialect_options[kind]["where"] is not None for kind in PARTIAL)
        if index.columns.keys() == key.columns.keys()[: len(index.columns)]
    ]

    assert repeated == []


def test_tables_that_are_never_changed_are_guarded_by_triggers(database):
    if KIND == "postgres":
        statement = """SELECT event_object_table, event_manipulation
                       FROM information_schema.triggers
                       WHERE action_statement LIKE '%shop_refuse_change%'"""
        wanted = {(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")}
    else:
        statement = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        wanted = {
            (table, f"{table}_no_{verb}") for table in APPEND_ONLY for verb in ("update", "delete")
        }
    with database.reading() as tx:
        found = {(table, name) for table, name in tx.execute(text(statement))}

    assert wanted <= found


def test_foreign_keys_are_checked(database):
    with database.reading() as tx:
        if KIND == "sqlite":
            assert tx.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
            assert tx.execute(text("PRAGMA recursive_triggers")).scalar_one() == 1
            assert tx.execute(text("PRAGMA foreign_key_check")).all() == []
        else:
            assert tx.execute(text("SHOW session_replication_role")).scalar_one() == "origin"
