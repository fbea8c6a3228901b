"""The statements of `check-books` about closed months and signed sheets."""

from __future__ import annotations

CHECKS: dict[str, str] = {
    "vouchers are numbered without a gap": """
      SELECT m.month, count(v.id), max(v.number)
      FROM ledger_voucher v JOIN ledger_month m ON m.id = v.month_id
      GROUP BY m.id, m.month HAVING count(v.id) <> max(v.number)
    """,
    "every journal of a closed month has its number": """
      SELECT m.month || ':' || j.public_id, 1, 0
      FROM ledger_month m
      JOIN ledger_journal j ON j.effective_at >= m.starts_at AND j.effective_at < m.ends_at
      LEFT JOIN ledger_voucher v ON v.journal_id = j.id AND v.month_id = m.id
      WHERE m.state IN ('closed', 'reopening') AND v.id IS NULL
    """,
    "months are closed in order": """
      SELECT e.month, 1, 0 FROM ledger_month m
      JOIN ledger_month e ON e.month < m.month AND e.state NOT IN ('closed', 'reopening')
      WHERE m.state IN ('closed', 'reopening')
    """,
}
