"""Write the first migration anew from the models: `python -m migrations.draft`.

Only until the first release; afterwards a released file is never touched again (CONTRIBUTING.md).
Column types of ours are written as plain ones, so that an old migration does not change with
the code.
"""

from __future__ import annotations

import subprocess
import sys
from enum import Enum
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from orders.payments.layouts.shipped import LAYOUTS
from orders.payments.layouts.store import as_values
from shop.core import db
from shop.factory import create_app  # noqa: F401 (every table is known once it is imported)
from shop.tables import APPEND_ONLY, metadata

TARGET = db.ROOT / "migrations" / "versions" / "20261123_first_tables.py"

HEAD = '''"""First tables.

Revision 0001, after ; 2026-11-23.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shop.core import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = (
{tables}
)

#: The bank layouts a new shop begins with.
BANK_LAYOUTS = {layouts}


def upgrade() -> None:
    {body}

    dialect = op.get_bind().dialect.name
    for statement in triggers.of_all(APPEND_ONLY, dialect):
        op.execute(statement)
    plain = [sa.column(name) for name in BANK_LAYOUTS[0] if name != "added_at"]
    added_at = sa.column("added_at", sa.DateTime(timezone=True))
    op.bulk_insert(sa.table("bank_layout", *plain, added_at), BANK_LAYOUTS)
'''


def render_item(kind: str, item: Any, _context: Any) -> Any:
    """A column type of ours as the plain one it stands for."""
    if kind != "type":
        return False
    if isinstance(item, db.MoneyColumn):
        return "sa.BigInteger()"
    if isinstance(item, db.Moment):
        return "sa.DateTime(timezone=True)"
    return False


def draft() -> str:
    """The source of a migration that makes every table."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"render_item": render_item, "target_metadata": metadata}
        )
        script = produce_migrations(context, metadata)
        body = render_python_code(script.upgrade_ops, render_item=render_item, render_as_batch=True)
    lines = [line for line in body.splitlines() if not line.strip().startswith("# ###")]
    tables = "\n".join(f'    "{table}",' for table in APPEND_ONLY)
    return HEAD.format(tables=tables, layouts=layouts(), body="\n".join(lines).strip())


def layouts() -> str:
    """The rows of the shipped bank layouts, as plain values of their columns."""
    rows = []
    for number, layout in enumerate(LAYOUTS, start=1):
        plain = {
            name: value.value if isinstance(value, Enum) else value
            for name, value in as_values(layout).items()
        }
        public_id = f"layout_shipped{number:09d}"
        rows.append({"public_id": public_id, "state": "active", "version": 1} | plain)
    moment = "datetime(2026, 11, 25, tzinfo=UTC)"
    return "[" + ",".join(f'{repr(row)[:-1]}, "added_at": {moment}}}' for row in rows) + "]"


if __name__ == "__main__":
    TARGET.write_text(draft())
    formatter = [sys.executable, "-m", "ruff", "format", "-q", str(TARGET)]
    subprocess.run(formatter, check=True)  # noqa: S603 (our own words)
