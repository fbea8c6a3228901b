"""The statements of `check-books` about payouts; see `orders.books.statements`."""

from __future__ import annotations

PAYOUTS: dict[str, str] = {
    "batches equal their items": """
      SELECT b.number, b.total_fen, coalesce(sum(i.amount_fen), 0)
      FROM payout_batch b LEFT JOIN payout_item i ON i.batch_id = b.id
      GROUP BY b.id, b.number, b.total_fen, b.items
      HAVING b.total_fen <> coalesce(sum(i.amount_fen), 0) OR b.items <> count(i.id)
    """,
    "bank files hold every item of their batch once": """
      SELECT b.number, b.total_fen, coalesce(sum(f.total_fen), 0)
      FROM payout_batch b LEFT JOIN payout_file f ON f.batch_id = b.id
      WHERE b.state IN ('exported', 'closed')
      GROUP BY b.id, b.number, b.total_fen, b.items
      HAVING b.total_fen <> coalesce(sum(f.total_fen), 0)
          OR b.items <> coalesce(sum(f.items), 0)
          OR b.items <> coalesce(max(f.first_position + f.items - 1), 0)
    """,
    "payouts sent back came in by one line of their amount": """
      SELECT i.reference, i.amount_fen, coalesce(l.amount_fen, 0)
      FROM payout_item i
      LEFT JOIN bank_line l ON l.id = i.returned_line_id AND NOT l.undone
        AND l.state = 'returned'
      WHERE i.state = 'returned' AND (l.id IS NULL OR l.amount_fen <> i.amount_fen)
    """,
    "what came back is paid again once at the most": """
      SELECT old.reference, 1, count(*) FROM payout_item old
      JOIN payout_item again ON again.retries_id = old.id
      WHERE again.state <> 'withdrawn'
      GROUP BY old.id, old.reference, old.state
      HAVING count(*) > 1 OR old.state NOT IN ('failed', 'returned')
    """,
}
