"""The statements of `check-books` about money owed to us: terms, interest, due payments."""

from __future__ import annotations

OWING: dict[str, str] = {
    "unpaid acceptances have a due day": """
      SELECT a.number, 1, 0 FROM acceptance a
      WHERE a.state = 'signed' AND a.receivable_fen > 0
        AND NOT EXISTS (SELECT 1 FROM receivable_term t WHERE t.acceptance_id = a.id)
    """,
    "interest paid equals its journals": """
      SELECT j.public_id, coalesce(i.amount_fen, 0), j.total_fen
      FROM ledger_journal j LEFT JOIN interest_payment i ON i.journal_id = j.id
      WHERE j.kind = 'interest_paid' AND coalesce(i.amount_fen, 0) <> j.total_fen
    """,
    "no more interest is paid than accrued": """
      SELECT a.number, max(i.accrued_fen), sum(i.amount_fen)
      FROM interest_payment i
      JOIN acceptance a ON a.id = i.acceptance_id
      JOIN bank_line l ON l.id = i.bank_line_id AND NOT l.undone
      GROUP BY a.id, a.number HAVING sum(i.amount_fen) > max(i.accrued_fen)
    """,
    "what cooperatives paid equals its journals": """
      SELECT j.public_id, coalesce(d.amount_fen, 0), j.total_fen
      FROM ledger_journal j LEFT JOIN due_payment d ON d.journal_id = j.id
      WHERE j.kind = 'due_paid' AND coalesce(d.amount_fen, 0) <> j.total_fen
    """,
}
