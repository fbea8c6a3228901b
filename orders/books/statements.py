"""The statements of `check-books`; each returns (thing, expected, found) where they differ.

Plain SQL that both databases speak. `signed` sums an account on its normal side.
"""

from __future__ import annotations

from orders.ledger.states import DEBIT_NORMAL, AccountKind

_DEBIT_NORMAL = ", ".join(f"'{kind.value}'" for kind in sorted(DEBIT_NORMAL, key=str))

#: kind, owner_id, fen: every account's balance on its normal side.
_BALANCES = f"""
  SELECT a.kind AS kind, a.owner_id AS owner_id, a.id AS id,
         coalesce(sum(CASE WHEN t.id IS NULL THEN 0
                           WHEN (t.debit_id = a.id) = (a.kind IN ({_DEBIT_NORMAL}))
                           THEN t.amount_fen ELSE -t.amount_fen END), 0) AS fen
  FROM ledger_account a
  LEFT JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
  GROUP BY a.id, a.kind, a.owner_id
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


#: The shares that stand: of each lot those of its present version.
_STANDING = """
  SELECT s.* FROM lot_share s JOIN lot l ON l.id = s.lot_id AND l.share_version = s.version
"""


def _upto(figure: str, taken: str) -> str:
    """The ladder up to a cumulative withdrawal, divided first so that no product overflows."""
    return (
        f"({figure} / parent.grams) * {taken} + ({figure} % parent.grams) * {taken} / parent.grams"
    )


#: id of the acceptance, fen the buyer still owes for it.
_OWED = f"SELECT owner_id AS id, fen FROM ({_BALANCES}) o WHERE kind = 'buyer_receivable'"  # noqa: S608

#: More has left the bank than came in: the one check that hangs on when somebody pays.
CUSTODY_COVERS = "custody is not overdrawn"

CHECKS: dict[str, str] = {
    "journals are complete": """
      SELECT j.public_id,
        CASE WHEN j.transfer_count <> count(t.id) THEN j.transfer_count ELSE j.total_fen END,
        CASE WHEN j.transfer_count <> count(t.id) THEN count(t.id)
             ELSE coalesce(sum(t.amount_fen), 0) END
      FROM ledger_journal j LEFT JOIN ledger_transfer t ON t.journal_id = j.id
      GROUP BY j.id, j.public_id, j.transfer_count, j.total_fen
      HAVING j.transfer_count <> count(t.id) OR j.total_fen <> coalesce(sum(t.amount_fen), 0)
    """,
    "transfers have a journal": """
      SELECT t.id, 1, 0 FROM ledger_transfer t
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
      SELECT o.number, o.total_fen, coalesce(sum(l.units * l.price_fen), 0)
      FROM purchase_order o LEFT JOIN order_line l ON l.order_id = o.id
      GROUP BY o.id, o.number, o.total_fen
      HAVING o.total_fen <> coalesce(sum(l.units * l.price_fen), 0)
    """,
    "lines equal their allocations": """
      SELECT o.number, l.units, coalesce(sum(a.units), 0)
      FROM order_line l JOIN purchase_order o ON o.id = l.order_id
      LEFT JOIN allocation a ON a.line_id = l.id
      GROUP BY l.id, o.number, l.units HAVING l.units <> coalesce(sum(a.units), 0)
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
        SELECT o.id AS id,
          (SELECT coalesce(sum(p.amount_fen), 0) FROM payment p
            WHERE p.order_id = o.id AND NOT p.undone)
          - (SELECT coalesce(sum(a.value_fen), 0) FROM acceptance a
              WHERE a.order_id = o.id AND a.state = 'signed')
          + (SELECT coalesce(sum(w.fen), 0) FROM acceptance a JOIN ({_OWED}) w ON w.id = a.id
              WHERE a.order_id = o.id)
          + (SELECT coalesce(sum(r.value_fen), 0) FROM goods_return r
              JOIN acceptance a ON a.id = r.acceptance_id WHERE a.order_id = o.id)
          - (SELECT coalesce(sum(f.amount_fen), 0) FROM refund f WHERE f.order_id = o.id)
          AS fen
        FROM purchase_order o
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
    "lot pools equal accepted less settled": _against_ledger(
        AccountKind.LOT_POOL,
        """
        SELECT lot.id AS id,
          (SELECT coalesce(sum(l.households_fen * (x.accepted_units - x.returned_units)), 0)
             FROM acceptance_line x
             JOIN acceptance a ON a.id = x.acceptance_id AND a.state = 'signed'
             JOIN allocation al ON al.id = x.allocation_id
             JOIN order_line l ON l.id = al.line_id
            WHERE al.lot_id = lot.id)
          - (SELECT coalesce(sum(i.change_fen), 0) FROM settlement_item i
              WHERE i.lot_id = lot.id) AS fen
        FROM lot
        """,
        "lot",
        "thing.number",
    ),
    # Against the version of the shares that was last settled: a correction since waits for a run.
    "shares are exact to the fen": """
      WITH newest AS (
        SELECT i.lot_id, i.household_id, sum(i.change_fen) AS posted FROM settlement_item i
        GROUP BY i.lot_id, i.household_id),
      whole AS (SELECT lot_id, sum(posted) AS c FROM newest GROUP BY lot_id),
      settled AS (SELECT s.* FROM lot_share s JOIN (
          SELECT lot_id, max(share_version) AS version FROM settlement_item GROUP BY lot_id) v
        ON v.lot_id = s.lot_id AND v.version = s.version),
      weights AS (SELECT lot_id, sum(value_fen) AS w FROM settled GROUP BY lot_id)
      SELECT lot.number || ':' || h.public_id, whole.c * coalesce(s.value_fen, 0) / weights.w,
        n.posted
      FROM newest n
      JOIN whole ON whole.lot_id = n.lot_id
      JOIN weights ON weights.lot_id = n.lot_id
      LEFT JOIN settled s ON s.lot_id = n.lot_id AND s.household_id = n.household_id
      JOIN lot ON lot.id = n.lot_id
      JOIN household h ON h.id = n.household_id
      WHERE abs(n.posted * weights.w - whole.c * coalesce(s.value_fen, 0)) >= weights.w
    """,
    "households are owed what was settled less what left": _against_ledger(
        AccountKind.HOUSEHOLD_PAYABLE,
        """
        SELECT h.id AS id,
          (SELECT coalesce(sum(i.second_payment_fen), 0) FROM settlement_item i
            WHERE i.household_id = h.id)
          - (SELECT coalesce(sum(p.amount_fen), 0) FROM payout_item p
              WHERE p.kind = 'household' AND p.payee_id = h.id
                AND p.state IN ('in_transit', 'unknown', 'confirmed')) AS fen
        FROM household h
        """,
        "household",
        "thing.public_id",
    ),
    "payouts in transit equal their items": """
      SELECT 'payout_in_transit', e.fen, b.fen FROM
        (SELECT coalesce(sum(amount_fen), 0) AS fen FROM payout_item
          WHERE kind <> 'refund' AND state IN ('in_transit', 'unknown')) e,
        (SELECT coalesce(sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen
                                  ELSE -t.amount_fen END), 0) AS fen
           FROM ledger_account a
           JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
          WHERE a.kind = 'payout_in_transit') b
      WHERE e.fen <> b.fen
    """,
    "custody equals the bank's lines": """
      SELECT 'custody', e.fen, b.fen FROM
        (SELECT (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND amount_fen > 0)
              + (SELECT coalesce(sum(amount_fen), 0) FROM bank_line
                  WHERE NOT undone AND state = 'fee')
              - (SELECT coalesce(sum(amount_fen), 0) FROM payout_item
                  WHERE state = 'confirmed') AS fen) e,
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
              - (SELECT coalesce(sum(amount_fen), 0) FROM payment WHERE NOT undone) AS fen) e,
        (SELECT coalesce(sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen
                                  ELSE -t.amount_fen END), 0) AS fen
           FROM ledger_account a
           JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
          WHERE a.kind = 'suspense') b
      WHERE e.fen <> b.fen
    """,
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
        SELECT al.lot_id, sum(al.units - al.shipped_units) AS units
        FROM allocation al
        JOIN order_line l ON l.id = al.line_id
        JOIN purchase_order o ON o.id = l.order_id
        WHERE o.state <> 'cancelled' GROUP BY al.lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.units, 0) <> lot.reserved_units
    """,
    "shipped units equal shipments": """
      SELECT lot.number, coalesce(e.units, 0), lot.shipped_units
      FROM lot LEFT JOIN (
        SELECT al.lot_id, sum(al.shipped_units - al.short_units - al.damaged_units) AS units
        FROM allocation al GROUP BY al.lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.units, 0) <> lot.shipped_units
    """,
    "written off units equal damage and destruction": """
      SELECT lot.number, coalesce(e.units, 0) + coalesce(d.units, 0), lot.written_off_units
      FROM lot LEFT JOIN (
        SELECT al.lot_id, sum(al.damaged_units) AS units
        FROM allocation al GROUP BY al.lot_id) e ON e.lot_id = lot.id
      LEFT JOIN (SELECT lot_id, sum(units) AS units FROM unit_loss GROUP BY lot_id) d
        ON d.lot_id = lot.id
      WHERE coalesce(e.units, 0) + coalesce(d.units, 0) <> lot.written_off_units
    """,
    "used grams equal withdrawals": """
      SELECT lot.number, coalesce(e.grams, 0), lot.used_grams
      FROM lot LEFT JOIN (SELECT parent_id, sum(grams) AS grams FROM lot_input
                          GROUP BY parent_id) e ON e.parent_id = lot.id
      WHERE coalesce(e.grams, 0) <> lot.used_grams
    """,
    "packed units weigh what went in": """
      SELECT lot.number, lot.units * s.net_grams, coalesce(sum(i.grams), 0)
      FROM lot JOIN specification s ON s.id = lot.specification_id
      LEFT JOIN lot_input i ON i.child_id = lot.id
      WHERE lot.kind = 'packed'
      GROUP BY lot.id, lot.number, lot.units, s.net_grams
      HAVING lot.units * s.net_grams <> coalesce(sum(i.grams), 0)
    """,
    "deliveries are worth grams times price": """
      SELECT lot.number, (2 * d.net_grams * d.fen_per_kg + 1000) / 2000, d.value_fen
      FROM delivery d JOIN lot ON lot.id = d.lot_id
      WHERE d.value_fen <> (2 * d.net_grams * d.fen_per_kg + 1000) / 2000
    """,
    "deliveries stand as their shares say": f"""
      WITH standing AS ({_STANDING})
      SELECT lot.number || ':' || e.household_id, sum(e.must), sum(e.stands)
      FROM (
        SELECT lot_id, household_id, 1 AS what, net_grams * 1000 AS must, 0 AS stands
          FROM delivery
        UNION ALL SELECT lot_id, household_id, 2, value_fen, 0 FROM delivery
        UNION ALL SELECT lot_id, household_id, 3,
          CASE payment WHEN 'paid' THEN value_fen ELSE 0 END, 0 FROM delivery
        UNION ALL SELECT lot_id, household_id, 1, 0, milligrams FROM standing
        UNION ALL SELECT lot_id, household_id, 2, 0, value_fen FROM standing
        UNION ALL SELECT lot_id, household_id, 3, 0, paid_fen FROM standing) e
      JOIN lot ON lot.id = e.lot_id
      WHERE lot.kind = 'delivery'
      GROUP BY lot.number, e.household_id, e.what
      HAVING sum(e.must) <> sum(e.stands)
    """,  # noqa: S608
    "lost grams equal losses": """
      SELECT lot.number, coalesce(e.grams, 0), lot.lost_grams
      FROM lot LEFT JOIN (SELECT lot_id, sum(grams) AS grams FROM lot_loss
                          GROUP BY lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.grams, 0) <> lot.lost_grams
    """,
    "freezes equal what stands": """
      SELECT lot.number, coalesce(e.standing, 0), lot.freezes
      FROM lot LEFT JOIN (SELECT lot_id, count(*) AS standing FROM lot_freeze
                          WHERE lifted_at IS NULL GROUP BY lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.standing, 0) <> lot.freezes
    """,
    "nothing weighs more than what went into it": """
      SELECT lot.number, sum(i.grams), lot.grams
      FROM lot JOIN lot_input i ON i.child_id = lot.id
      GROUP BY lot.id, lot.number, lot.kind, lot.grams
      HAVING lot.grams > sum(i.grams)
          OR (lot.kind IN ('part', 'byproduct') AND lot.grams <> sum(i.grams))
    """,
    "withdrawals and losses leave no gap": """
      SELECT lot.number, m.must, m.before_grams
      FROM (
        SELECT lot_id, before_grams, coalesce(sum(grams) OVER (
            PARTITION BY lot_id ORDER BY before_grams, grams
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS must
        FROM (SELECT parent_id AS lot_id, before_grams, grams FROM lot_input
              UNION ALL SELECT lot_id, before_grams, grams FROM lot_loss) gone) m
      JOIN lot ON lot.id = m.lot_id
      WHERE m.must <> m.before_grams
    """,
    **{
        f"{what} are carried by the ladder": f"""
          WITH standing AS ({_STANDING})
          SELECT child.number || ':' || e.household_id, sum(e.must), sum(e.stands)
          FROM (
            SELECT i.child_id AS lot_id, p.household_id,
              {_upto(f"p.{column}", "(i.before_grams + i.grams)")}
                - ({_upto(f"p.{column}", "i.before_grams")}) AS must, 0 AS stands
            FROM lot_input i
            JOIN lot parent ON parent.id = i.parent_id
            JOIN standing p ON p.lot_id = i.parent_id
            UNION ALL SELECT s.lot_id, s.household_id, 0, s.{column} FROM standing s) e
          JOIN lot child ON child.id = e.lot_id
          WHERE child.kind <> 'delivery'
          GROUP BY child.number, e.household_id
          HAVING sum(e.must) <> sum(e.stands)
        """  # noqa: S608
        for what, column in (
            ("milligrams", "milligrams"),
            ("weights", "value_fen"),
            ("leaf payments", "paid_fen"),
        )
    },
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
