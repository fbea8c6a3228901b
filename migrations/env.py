"""Alembic's entry: one history for SQLite and PostgreSQL."""

from alembic import context
from sqlalchemy import create_engine

from shop import tables

url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]


def run() -> None:
    """Apply the migrations in one transaction."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
