"""The statements of `check-books`; each returns (thing, expected, found) where they differ.

Plain SQL that both databases speak. `signed` sums an account on its normal side.
"""

from __future__ import annotations

from orders.books.mass_statements import MASS
from orders.books.owing import OWING
from orders.books.payout_statements import PAYOUTS
from orders.books.return_statements import RETURN_CHECKS
from orders.ledger.states import DEBIT_NORMAL, AccountKind

_DEBIT_NORMAL = ", ".join(f"'{kind.value}'" for kind in sorted(DEBIT_NORMAL, key=str))

_CREDITS = "(SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE credit_id = a.id)"
_DEBITS = "(SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE debit_id = a.id)"

#: kind, owner_id, fen: every account's balance on its normal side.
_BALANCES = f"""
  SELECT a.kind AS kind, a.owner_id AS owner_id, a.id AS id,
         CASE WHEN a.kind IN ({_DEBIT_NORMAL}) THEN {_DEBITS} - {_CREDITS}
              ELSE {_CREDITS} - {_DEBITS} END AS fen
  FROM ledger_account a
"""  # noqa: S608 (our own words)


def _against_ledger(kind: AccountKind, expected: str, things: str, name: str) -> str:
    """Compare the accounts of one kind with what the tables say; `expected` yields (id, fen)."""
    return f"""
      WITH balances AS ({_BALANCES}), expected AS ({expected})
      SELECT {name}, coalesce(e.fen, 0), coalesce(b.fen, 0)
      FROM {things} thing
      LEFT JOIN expected e ON e.id = thing.id
      LEFT JOIN balances b ON b.kind = '{kind.value}' AND b.owner_id = thing.id
      WHERE coalesce(e.fen, 0) <> coalesce(b.fen, 0)
      ORDER BY 1
    """  # noqa: S608 (our own words)


#: id of the acceptance, fen the buyer still owes for it.
_OWED = f"SELECT owner_id AS id, fen FROM ({_BALANCES}) o WHERE kind = 'buyer_receivable'"  # noqa: S608

#: More has left the bank than came in: the one check that hangs on when somebody pays.
CUSTODY_COVERS = "custody is not overdrawn"

CHECKS: dict[str, str] = {
    "journals are complete": """
      SELECT j.public_id,
        CASE WHEN j.transfer_count <> coalesce(t.n, 0) THEN j.transfer_count ELSE j.total_fen END,
        CASE WHEN j.transfer_count <> coalesce(t.n, 0) THEN coalesce(t.n, 0)
             ELSE coalesce(t.fen, 0) END
      FROM ledger_journal j
      LEFT JOIN (SELECT journal_id, count(*) AS n, sum(amount_fen) AS fen
                 FROM ledger_transfer GROUP BY journal_id) t ON t.journal_id = j.id
      WHERE j.transfer_count <> coalesce(t.n, 0) OR j.total_fen <> coalesce(t.fen, 0)
    """,
    "transfers have a journal": """
      SELECT t.journal_id, 1, 0 FROM (SELECT DISTINCT journal_id FROM ledger_transfer) t
      WHERE NOT EXISTS (SELECT 1 FROM ledger_journal j WHERE j.id = t.journal_id)
    """,
    "no account is below zero": f"""
      SELECT b.kind || ':' || b.owner_id, 0, b.fen FROM ({_BALANCES}) b
      WHERE b.fen < 0 AND b.kind NOT IN ('lot_pool', 'custody')
    """,  # noqa: S608
    CUSTODY_COVERS: f"""
      SELECT b.kind || ':' || b.owner_id, 0, b.fen FROM ({_BALANCES}) b
      WHERE b.fen < 0 AND b.kind = 'custody'
    """,  # noqa: S608
    "purchases equal their orders": """
      SELECT p.number, p.total_fen, coalesce(sum(o.total_fen), 0)
      FROM purchase p LEFT JOIN purchase_order o ON o.purchase_id = p.id
      GROUP BY p.id, p.number, p.total_fen HAVING p.total_fen <> coalesce(sum(o.total_fen), 0)
    """,
    "orders equal their lines": """
      SELECT min(o.number), min(o.total_fen), coalesce(sum(l.units * l.price_fen), 0)
      FROM purchase_order o LEFT JOIN order_line l ON l.order_id = o.id
      GROUP BY o.id HAVING min(o.total_fen) <> coalesce(sum(l.units * l.price_fen), 0)
    """,
    "lines equal their allocations": """
      SELECT o.number, wrong.units, wrong.given
      FROM (SELECT min(l.order_id) AS order_id, min(l.units) AS units,
              coalesce(sum(a.units), 0) AS given
            FROM order_line l LEFT JOIN allocation a ON a.line_id = l.id
            GROUP BY l.id HAVING min(l.units) <> coalesce(sum(a.units), 0)) wrong
      JOIN purchase_order o ON o.id = wrong.order_id
    """,
    "acceptances equal what was sent": """
      SELECT a.number, s.units,
             coalesce(x.accepted_units + x.short_units + x.damaged_units, 0)
      FROM acceptance a
      JOIN shipment_line s ON s.shipment_id = a.shipment_id
      LEFT JOIN acceptance_line x
        ON x.acceptance_id = a.id AND x.allocation_id = s.allocation_id
      WHERE s.units <> coalesce(x.accepted_units + x.short_units + x.damaged_units, 0)
    """,
    "acceptances were posted in full": """
      SELECT a.number, a.value_fen, coalesce(j.total_fen, 0)
      FROM acceptance a
      LEFT JOIN ledger_journal j ON j.event_key = 'acceptance:' || a.public_id
      WHERE a.state = 'signed' AND a.value_fen <> coalesce(j.total_fen, 0)
    """,
    "escrow equals paid less accepted less refunded": _against_ledger(
        AccountKind.ESCROW,
        f"""
        SELECT id, sum(fen) AS fen FROM (
          SELECT order_id AS id, amount_fen AS fen FROM payment WHERE NOT undone
          UNION ALL SELECT order_id, -value_fen FROM acceptance WHERE state = 'signed'
          UNION ALL SELECT a.order_id, w.fen FROM acceptance a JOIN ({_OWED}) w ON w.id = a.id
          UNION ALL SELECT a.order_id, r.value_fen
          FROM goods_return r JOIN acceptance a ON a.id = r.acceptance_id
          UNION ALL SELECT order_id, -amount_fen FROM refund) moved
        GROUP BY id
        """,  # noqa: S608
        "purchase_order",
        "thing.number",
    ),
    "nothing is refunded that was not paid": """
      SELECT o.number,
        (SELECT coalesce(sum(p.amount_fen), 0) FROM payment p
          WHERE p.order_id = o.id AND NOT p.undone),
        (SELECT coalesce(sum(f.amount_fen), 0) FROM refund f WHERE f.order_id = o.id)
      FROM purchase_order o
      WHERE (SELECT coalesce(sum(f.amount_fen), 0) FROM refund f WHERE f.order_id = o.id)
          > (SELECT coalesce(sum(p.amount_fen), 0) FROM payment p
              WHERE p.order_id = o.id AND NOT p.undone)
    """,
    "refunds in transit equal refunds not yet left": _against_ledger(
        AccountKind.REFUND_IN_TRANSIT,
        """
        SELECT f.order_id AS id, sum(f.amount_fen) AS fen FROM refund f
        WHERE NOT EXISTS (SELECT 1 FROM payout_item i
                          WHERE i.refund_id = f.id AND i.state = 'confirmed')
        GROUP BY f.order_id
        """,
        "purchase_order",
        "thing.number",
    ),
    "refunds of unclaimed money in transit equal those not yet left": f"""
      WITH balances AS ({_BALANCES})
      SELECT 'refund_in_transit', e.fen, coalesce(b.fen, 0)
      FROM (SELECT coalesce(sum(f.amount_fen), 0) AS fen FROM refund f
             WHERE f.order_id IS NULL AND NOT EXISTS (
               SELECT 1 FROM payout_item i
                WHERE i.refund_id = f.id AND i.state = 'confirmed')) e
      LEFT JOIN balances b ON b.kind = 'refund_in_transit' AND b.owner_id = 0
      WHERE e.fen <> coalesce(b.fen, 0)
    """,  # noqa: S608
    "lot pools equal accepted less settled": _against_ledger(
        AccountKind.LOT_POOL,
        """
        SELECT lot_id AS id, sum(fen) AS fen FROM (
          SELECT lot_id, sum(households_fen * (accepted_units - returned_units)) AS fen
          FROM acceptance_line
          WHERE acceptance_id NOT IN (SELECT id FROM acceptance WHERE state <> 'signed')
          GROUP BY lot_id
          UNION ALL SELECT lot_id, -sum(change_fen) FROM settlement_item GROUP BY lot_id) moved
        GROUP BY lot_id
        """,
        "lot",
        "thing.number",
    ),
    # Against the version of the shares that was last settled: a correction since waits for a run.
    "shares are exact to the fen": """
      WITH settled AS (
        SELECT lot_id, max(share_version) AS version FROM settlement_item GROUP BY lot_id),
      parts AS (
        SELECT lot_id, household_id, change_fen AS posted, 0 AS value FROM settlement_item
        UNION ALL
        SELECT s.lot_id, s.household_id, 0, s.value_fen FROM lot_share s
        JOIN settled ON settled.lot_id = s.lot_id AND settled.version = s.version),
      each_one AS (
        SELECT lot_id, household_id, sum(posted) AS posted, sum(value) AS value
        FROM parts GROUP BY lot_id, household_id),
      beside AS (
        SELECT e.*, sum(posted) OVER w AS c, sum(value) OVER w AS weights FROM each_one e
        WINDOW w AS (PARTITION BY lot_id))
      SELECT lot.number || ':' || h.public_id, b.c * b.value / b.weights, b.posted
      FROM beside b
      JOIN lot ON lot.id = b.lot_id
      JOIN household h ON h.id = b.household_id
      WHERE abs(b.posted * b.weights - b.c * b.value) >= b.weights
    """,
    "households are owed what was settled less what left": _against_ledger(
        AccountKind.HOUSEHOLD_PAYABLE,
        """
        SELECT id, sum(fen) AS fen FROM (
          SELECT household_id AS id, second_payment_fen AS fen FROM settlement_item
          UNION ALL SELECT payee_id, -amount_fen FROM payout_item
          WHERE kind = 'household' AND state IN ('in_transit', 'unknown', 'confirmed')) moved
        GROUP BY id
        """,
        "household",
        "thing.public_id",
    ),
    "reserves hold what was set aside and not needed": _against_ledger(
        AccountKind.RISK_RESERVE,
        """
        SELECT lot.cooperative_id AS id,
          sum(l.reserved_fen + l.to_reserve_fen - l.from_reserve_fen) AS fen
        FROM settlement_lot l JOIN lot ON lot.id = l.lot_id
        WHERE l.state = 'posted' GROUP BY lot.cooperative_id
        """,
        "organisation",
        "thing.code",
    ),
    "runs equal their items": """
      SELECT r.number || ':' || l.lot_id, l.change_fen, coalesce(i.fen, 0)
      FROM settlement_lot l JOIN settlement_run r ON r.id = l.run_id
      LEFT JOIN (SELECT run_id, lot_id, sum(change_fen) AS fen
                 FROM settlement_item GROUP BY run_id, lot_id) i
        ON i.run_id = l.run_id AND i.lot_id = l.lot_id
      WHERE l.state = 'posted' AND l.change_fen <> coalesce(i.fen, 0)
    """,
    "acceptance lines carry their lot and what it earns": """
      SELECT x.public_id, l.households_fen, x.households_fen
      FROM acceptance_line x
      JOIN allocation al ON al.id = x.allocation_id
      JOIN order_line l ON l.id = al.line_id
      WHERE x.lot_id <> al.lot_id OR x.households_fen <> l.households_fen
    """,
    "payouts in transit equal their items": _against_ledger(
        AccountKind.PAYOUT_IN_TRANSIT,
        """
        SELECT batch_id AS id, sum(amount_fen) AS fen FROM payout_item
        WHERE kind <> 'refund' AND state IN ('in_transit', 'unknown') GROUP BY batch_id
        """,
        "payout_batch",
        "thing.number",
    ),
    **PAYOUTS,
    "custody equals the bank's lines": """
      SELECT 'custody', e.fen, b.fen FROM
        (SELECT (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND amount_fen > 0)
              + (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND state = 'fee')
              - (SELECT coalesce(sum(amount_fen), 0) FROM payout_item
                  WHERE state IN ('confirmed', 'returned')) AS fen) e,
        (SELECT coalesce(sum(CASE WHEN t.debit_id = a.id THEN t.amount_fen
                                  ELSE -t.amount_fen END), 0) AS fen
           FROM ledger_account a
           JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
          WHERE a.kind = 'custody') b
      WHERE e.fen <> b.fen
    """,
    "suspense equals unclaimed lines": """
      SELECT 'suspense', e.fen, b.fen FROM
        (SELECT (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND amount_fen > 0)
              - (SELECT coalesce(sum(amount_fen), 0) FROM payment WHERE NOT undone)
              - (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND state = 'returned')
              - (SELECT coalesce(sum(i.amount_fen), 0) FROM interest_payment i
                  JOIN bank_line l ON l.id = i.bank_line_id WHERE NOT l.undone)
              - (SELECT coalesce(sum(d.amount_fen), 0) FROM due_payment d
                  JOIN bank_line l ON l.id = d.bank_line_id WHERE NOT l.undone)
              - (SELECT coalesce(sum(amount_fen), 0) FROM refund
                  WHERE bank_line_id IS NOT NULL) AS fen) e,
        (SELECT coalesce(sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen
                                  ELSE -t.amount_fen END), 0) AS fen
           FROM ledger_account a
           JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
          WHERE a.kind = 'suspense') b
      WHERE e.fen <> b.fen
    """,
    **OWING,
    "statements equal their lines": """
      SELECT s.file_name,
        CASE WHEN s.lines <> count(l.id) THEN s.lines ELSE s.closing_fen - s.opening_fen END,
        CASE WHEN s.lines <> count(l.id) THEN count(l.id)
             ELSE coalesce(sum(l.amount_fen), 0) END
      FROM bank_statement s LEFT JOIN bank_line l ON l.statement_id = s.id
      GROUP BY s.id, s.file_name, s.closing_fen, s.opening_fen, s.lines
      HAVING s.closing_fen - s.opening_fen <> coalesce(sum(l.amount_fen), 0)
          OR s.lines <> count(l.id)
    """,
    "reserved units equal open orders": """
      SELECT lot.number, coalesce(e.units, 0), lot.reserved_units
      FROM lot LEFT JOIN (
        SELECT al.lot_id, sum(al.units - al.cancelled_units - al.shipped_units) AS units
        FROM allocation al
        JOIN order_line l ON l.id = al.line_id
        JOIN purchase_order o ON o.id = l.order_id
        WHERE al.units <> al.cancelled_units + al.shipped_units AND o.state <> 'cancelled'
        GROUP BY al.lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.units, 0) <> lot.reserved_units
    """,
    **RETURN_CHECKS,
    **MASS,
    "budgets equal their moves": """
      SELECT b.purpose || ' ' || b.year,
        coalesce(sum(CASE m.step WHEN 'reserve' THEN m.amount_fen
          WHEN 'unreserve' THEN -m.amount_fen WHEN 'uncommit' THEN -m.amount_fen
          WHEN 'unspend' THEN -m.amount_fen ELSE 0 END), 0),
        b.reserved_fen + b.committed_fen + b.spent_fen
      FROM budget b LEFT JOIN budget_move m ON m.budget_id = b.id
      GROUP BY b.id, b.purpose, b.year, b.reserved_fen, b.committed_fen, b.spent_fen
      HAVING b.reserved_fen + b.committed_fen + b.spent_fen
        <> coalesce(sum(CASE m.step WHEN 'reserve' THEN m.amount_fen
          WHEN 'unreserve' THEN -m.amount_fen WHEN 'uncommit' THEN -m.amount_fen
          WHEN 'unspend' THEN -m.amount_fen ELSE 0 END), 0)
      OR b.spent_fen <> coalesce(sum(CASE m.step WHEN 'spend' THEN m.amount_fen
          WHEN 'unspend' THEN -m.amount_fen ELSE 0 END), 0)
    """,
    "every event is posted once": """
      SELECT j.event_key, 1, count(*) FROM ledger_journal j
      GROUP BY j.event_key HAVING count(*) > 1
    """,
}
