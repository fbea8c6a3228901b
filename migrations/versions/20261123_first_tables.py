"""First tables.

Revision 0001, after ; 2026-11-23.
"""

from alembic import op

from shop.core import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("audit_entry", "ledger_journal", "ledger_transfer", "settlement_item", "budget_move")


def upgrade() -> None:
    pass

    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in triggers.append_only(table, dialect):
            op.execute(statement)
    for statement in triggers.sealed_journals(dialect):
        op.execute(statement)
