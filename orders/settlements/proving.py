"""What must hold of a run once it is posted, proved anew from lines, shares and the ledger.

`check-books` proves everything ever written; this proves what one run has touched, so that it can
follow every run however long the books are.

Rule: docs/money.md, “What must always hold”.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from orders.settlements.models import SettlementRun

_MINE = "SELECT lot_id FROM settlement_lot WHERE run_id = :run AND state = 'posted'"

#: Each returns (thing, expected, found) where they differ.
PROOFS: dict[str, str] = {
    "lots were shared as they earned, and their pools hold the rest": f"""
      WITH owing AS (
        SELECT r.owner_id AS id FROM ledger_account r
        WHERE r.kind = 'buyer_receivable'
          AND (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE debit_id = r.id)
            > (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE credit_id = r.id)),
      kept AS (
        SELECT lot_id, acceptance_id,
          households_fen * (accepted_units - returned_units) AS fen
        FROM acceptance_line
        WHERE lot_id IN ({_MINE})
          AND acceptance_id NOT IN (SELECT id FROM acceptance WHERE state <> 'signed')),
      sold AS (
        SELECT lot_id, sum(fen) AS fen,
          sum(CASE WHEN acceptance_id IN (SELECT id FROM owing) THEN 0 ELSE fen END) AS earned
        FROM kept GROUP BY lot_id),
      pool AS (
        SELECT a.owner_id AS lot_id,
          (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE credit_id = a.id)
          - (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE debit_id = a.id) AS fen
        FROM ledger_account a WHERE a.kind = 'lot_pool' AND a.owner_id IN ({_MINE}))
      SELECT l.lot_id, coalesce(s.fen, 0), l.revenue_fen + coalesce(p.fen, 0)
      FROM settlement_lot l
      LEFT JOIN sold s ON s.lot_id = l.lot_id
      LEFT JOIN pool p ON p.lot_id = l.lot_id
      WHERE l.run_id = :run AND l.state = 'posted'
        AND (coalesce(s.earned, 0) <> l.revenue_fen
          OR coalesce(s.fen, 0) <> l.revenue_fen + coalesce(p.fen, 0))
    """,  # noqa: S608 (our own words)
    "everybody has its exact share, to the fen": f"""
      WITH posted AS (
        SELECT lot_id, household_id, sum(change_fen) AS fen FROM settlement_item
        WHERE lot_id IN ({_MINE}) GROUP BY lot_id, household_id),
      whole AS (SELECT lot_id, sum(fen) AS fen FROM posted GROUP BY lot_id)
      SELECT p.lot_id, l.revenue_fen * coalesce(s.value_fen, 0) / l.weights_fen, p.fen
      FROM posted p
      JOIN settlement_lot l ON l.run_id = :run AND l.lot_id = p.lot_id
      JOIN whole w ON w.lot_id = p.lot_id
      LEFT JOIN lot_share s ON s.lot_id = p.lot_id AND s.version = l.share_version
        AND s.household_id = p.household_id
      WHERE w.fen <> l.revenue_fen
        OR abs(p.fen * l.weights_fen - l.revenue_fen * coalesce(s.value_fen, 0)) >= l.weights_fen
    """,  # noqa: S608 (our own words)
    "the ledger moved what the items say": """
      SELECT 'run', i.fen, j.fen FROM
        (SELECT coalesce(sum(abs(second_payment_fen)), 0) AS fen FROM settlement_item
          WHERE run_id = :run) i,
        (SELECT coalesce(sum(t.amount_fen), 0) AS fen
           FROM ledger_journal g
           JOIN ledger_transfer t ON t.journal_id = g.id
           JOIN ledger_account d ON d.id = t.debit_id
           JOIN ledger_account c ON c.id = t.credit_id
          WHERE g.kind = 'settlement' AND g.about = :about
            AND 'household_payable' IN (d.kind, c.kind)) j
      WHERE i.fen <> j.fen
    """,
    "nobody is owed less than nothing": """
      SELECT a.owner_id, 0,
        (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE credit_id = a.id)
        - (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE debit_id = a.id)
      FROM ledger_account a
      WHERE a.kind = 'household_payable'
        AND a.owner_id IN (SELECT household_id FROM settlement_item WHERE run_id = :run)
        AND (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE credit_id = a.id)
          < (SELECT coalesce(sum(amount_fen), 0) FROM ledger_transfer WHERE debit_id = a.id)
    """,
}


def differences(tx: Session, run: SettlementRun) -> list[tuple[str, str, int, int]]:
    """What does not hold of a posted run: (proof, thing, expected, found); empty is good.

    Only of the moment the run was posted: what is accepted or returned afterwards is the next
    run's.
    """
    tx.flush()
    return [
        (name, str(thing), int(expected), int(found))
        for name, statement in PROOFS.items()
        for thing, expected, found in tx.execute(
            text(statement), {"run": run.id, "about": run.public_id}
        )
    ]
